/**
 * `npm run check:size [-- --write]`: what users load, by size-limit, and whether the README's table says the same.
 * `--write` writes the table.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandLine } from './command-line.ts';
import { faultsOf, type Measured, withTable } from './size-table.ts';

interface Limited extends Measured {
  readonly passed: boolean;
  readonly sizeLimit: number;
}

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const kilobytes = (bytes: number) => (bytes / 1_000).toFixed(2).padStart(6);

const { values } = commandLine(import.meta.url, { options: { write: { type: 'boolean', default: false } } });
const SIZE_LIMIT = fileURLToPath(new URL('../node_modules/.bin/size-limit', import.meta.url));
const { stdout, stderr } = spawnSync(SIZE_LIMIT, ['--json'], { encoding: 'utf8' });
const measured: readonly Limited[] = stdout.startsWith('[') ? JSON.parse(stdout) : [];
if (measured.length === 0) {
  console.error(stderr || stdout);
  process.exitCode = 1;
} else {
  for (const { name, size, sizeLimit, passed } of measured) {
    console.log(
      `${passed ? 'ok     ' : 'TOO BIG'} ${kilobytes(size)} of ${kilobytes(sizeLimit)} kB  ${name}`,
    );
    if (!passed) process.exitCode = 1;
  }
  const readme = readFileSync(README, 'utf8');
  if (values.write) writeFileSync(README, withTable(readme, measured));
  else {
    const faults = faultsOf(readme, measured);
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) {
      console.error('Write it anew: npm run check:size -- --write');
      process.exitCode = 1;
    }
  }
}
