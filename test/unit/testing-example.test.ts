import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { entries } from '../../scripts/entries.ts';

it('the test kit works in the test runner of Node, without vitest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-kit-'));
  try {
    const outfile = join(folder, 'handlers.test.mjs');
    const { metafile } = await build({
      entryPoints: [join(import.meta.dirname, 'testing-example/handlers.node.ts')],
      alias: Object.fromEntries(entries.map(({ name, source }) => [name, `${process.cwd()}/${source}`])),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      metafile: true,
      outfile,
    });
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', outfile]);
    expect(stdout).toMatch(/pass 1\n/);
    const sources = Object.keys(metafile.inputs);
    expect(sources.filter((path) => /node_modules\/(vitest|fast-check)\//.test(path))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
