/**
 * `npm run check:package`: packs the build and fails for what is wrong with the tarball: by publint, by Are The Types Wrong, and by the rules
 * of `scripts/package-rules.ts`. Prints its size. It needs `npm run build`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import { commandLine } from './command-line.ts';
import { packageFaults } from './package-rules.ts';
import { packTarball, type Tarball } from './tarball.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`;

/** Whether the tool is content; what it says goes where this process's output goes. */
function passes(tool: string, ...args: string[]): boolean {
  const { status } = spawnSync(`${ROOT}/node_modules/.bin/${tool}`, args, { cwd: ROOT, stdio: 'inherit' });
  return status === 0;
}

function check(tarball: Tarball): number {
  const { files, path, size, unpackedSize } = tarball;
  console.log(`${files.length} files, ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`);
  const texts = new Map(files.map((file) => [file, readFileSync(`${ROOT}/${file}`, 'utf8')]));
  const faults = packageFaults(texts, manifest);
  for (const fault of faults) console.error(fault);
  const verdicts = [
    faults.length === 0,
    passes('publint', '--strict', path),
    passes('attw', path, '--profile', 'esm-only'),
  ];
  return verdicts.includes(false) ? 1 : 0;
}

commandLine(import.meta.url, {});
if (!existsSync(`${ROOT}/dist/index.js`)) {
  console.error('there is no build: npm run build');
  process.exitCode = 1;
} else {
  const tarball = packTarball();
  process.exitCode = check(tarball);
  tarball.dispose();
}
