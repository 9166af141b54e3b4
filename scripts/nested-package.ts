import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A folder of this repository with a package.json of its own, whose tools only some commands need. */
export interface NestedPackage {
  /** Its path in the repository, for people. */
  readonly name: string;
  /** Ends with a slash. */
  readonly folder: string;
  /** Exact versions, by name; an alias as `npm:typescript@5.5.4`. */
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The version that is installed; undefined: none is, or not the one that is asked for. */
export function installedVersion({ folder, dependencies }: NestedPackage, name: string): string | undefined {
  const path = `${folder}node_modules/${name}/package.json`;
  if (!existsSync(path)) return undefined;
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version === dependencies[name]?.replace(/^npm:.*@/, '') ? version : undefined;
}

/** Installs what it names, at the versions of its lockfile, unless that is there. Answers why it could not. */
export function installNested(
  nested: NestedPackage,
  { flags = [], before }: { readonly flags?: readonly string[]; readonly before?: () => void } = {},
): string | undefined {
  const names = Object.keys(nested.dependencies);
  if (names.every((name) => installedVersion(nested, name) !== undefined)) return undefined;
  before?.();
  const args = ['ci', ...flags, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', args, { cwd: nested.folder, encoding: 'utf8' });
  if (status === 0) return undefined;
  return `npm ci in ${nested.name} failed: ${stderr.trim().split('\n').slice(0, 3).join(' ')}`;
}
