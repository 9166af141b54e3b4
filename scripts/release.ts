/**
 * `npm run release [-- --dry-run]`: publishes the version of package.json to npm, with provenance, and tags it. It names what is missing and does
 * nothing (exit code 1) unless all is there. `--dry-run` does all but publish and tag.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import { commandLine } from './command-line.ts';
import { missingForRelease } from './release-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
const npm = (...args: string[]): boolean =>
  spawnSync('npm', args, { cwd: ROOT, stdio: 'inherit' }).status === 0;

function main(isDry: boolean): number {
  const missing = missingForRelease({
    manifest,
    changelog: readFileSync(`${ROOT}/CHANGELOG.md`, 'utf8'),
    uncommitted: git('status', '--porcelain'),
    changesets: readdirSync(`${ROOT}/.changeset`).filter(
      (name) => name.endsWith('.md') && name !== 'README.md',
    ),
    tags: git('tag', '--list').split('\n'),
  });
  if (missing.length > 0) {
    console.error(`holdfast ${manifest.version} cannot be released. Missing:`);
    for (const what of missing) console.error(`  - ${what}`);
    return 1;
  }
  if (!npm('run', 'build') || !npm('run', 'check:package')) return 1;
  if (isDry) {
    console.log(`holdfast ${manifest.version} can be released.`);
    return 0;
  }
  if (!npm('publish', '--provenance', '--access', 'public')) return 1;
  git('tag', `v${manifest.version}`);
  // The action of the workflow reads this line, and pushes the tag.
  console.log(`New tag: v${manifest.version}`);
  return 0;
}

const { values } = commandLine(import.meta.url, {
  options: { 'dry-run': { type: 'boolean', default: false } },
});
process.exitCode = main(values['dry-run']);
