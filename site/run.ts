/** `npm run docs` serves the site of `docs` and shows what changes; `npm run docs:build` makes it in `site/dist`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import manifest from './package.json' with { type: 'json' };

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Why the tools are not there; undefined: all are, at the versions of the lockfile. */
function install(): string | undefined {
  const isThere = Object.entries(manifest.dependencies).every(([name, version]) => {
    const path = `${FOLDER}node_modules/${name}/package.json`;
    return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).version === version;
  });
  if (isThere) return undefined;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', args, { cwd: FOLDER, encoding: 'utf8' });
  return status === 0 ? undefined : `npm ci in site failed: ${stderr.trim()}`;
}

function vitepress(command: string, ...args: string[]): number {
  const program = `${FOLDER}node_modules/vitepress/bin/vitepress.js`;
  return spawnSync(process.execPath, [program, command, FOLDER, ...args], { stdio: 'inherit' }).status ?? 1;
}

function main(command = ''): number {
  if (command !== 'dev' && command !== 'build') {
    console.error(`site/run.ts got ${JSON.stringify(command)}: expected dev or build`);
    return 2;
  }
  const obstacle = install();
  if (obstacle === undefined) return vitepress(command, ...process.argv.slice(3));
  console.error(obstacle);
  return 1;
}

process.exitCode = main(process.argv[2]);
