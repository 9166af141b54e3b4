import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs what `bench/package.json` names, at the versions of its lockfile, unless that is there. Peers are never asked for their own
 * peers: the Agents SDK names twenty that its queue does not use. Answers why a part is missing; it is tried again the next time.
 */
export function installPeers(): string | undefined {
  if (wanted().every((name) => versionOf(name) !== undefined)) return undefined;
  console.error('Installing what holdfast is compared with, into bench/node_modules …');
  const args = [
    'ci',
    '--legacy-peer-deps',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, stderr } = spawnSync('npm', args, { cwd: FOLDER, encoding: 'utf8' });
  return status === 0
    ? undefined
    : `npm ci in bench failed: ${stderr.trim().split('\n').slice(0, 3).join(' ')}`;
}

/** The version that is installed; undefined: none is, or not the one that is asked for. */
export function versionOf(name: string): string | undefined {
  const path = `${FOLDER}/node_modules/${name}/package.json`;
  if (!existsSync(path)) return undefined;
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version === manifest().dependencies[name] ? version : undefined;
}

function wanted(): string[] {
  return Object.keys(manifest().dependencies);
}

function manifest(): { dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(`${FOLDER}/package.json`, 'utf8'));
}
