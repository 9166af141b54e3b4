/** What a release is judged by. */
export interface ReleaseState {
  readonly manifest: {
    readonly version: string;
    readonly repository?: unknown;
    readonly homepage?: unknown;
  };
  readonly changelog: string;
  /** Of `git status --porcelain`: empty when all is committed. */
  readonly uncommitted: string;
  /** Files in `.changeset` whose words are in no version yet. */
  readonly changesets: readonly string[];
  /** Tags of this repository. */
  readonly tags: readonly string[];
}

/** What is missing for a release, a line each. */
export function missingForRelease(state: ReleaseState): string[] {
  const { version, repository, homepage } = state.manifest;
  const escaped = version.replaceAll('.', '\\.');
  const missing: [boolean, string][] = [
    [repository === undefined, '`repository` in package.json: npm shows the source, and provenance names it'],
    [homepage === undefined, '`homepage` in package.json: where the docs are'],
    [
      state.uncommitted !== '',
      `a clean tree: ${state.uncommitted.trim().split('\n').length} files are not committed`,
    ],
    [
      state.changesets.length > 0,
      `a version with ${state.changesets.join(', ')} of .changeset in it: npx changeset version`,
    ],
    [
      !new RegExp(`^## \\[?${escaped}\\b`, 'm').test(state.changelog),
      `a heading of ${version} in CHANGELOG.md`,
    ],
    [state.tags.includes(`v${version}`), `a version that is not released yet: there is a tag v${version}`],
  ];
  return missing.filter(([isMissing]) => isMissing).map(([, what]) => what);
}
