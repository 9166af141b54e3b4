import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { entries } from '../../scripts/entries.ts';

/** The sources of ours of which a bundle of this code has anything, without `src/` and `.ts`. */
async function bundled(code: string): Promise<readonly string[]> {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: process.cwd() },
    alias: Object.fromEntries(entries.map(({ name, source }) => [name, `${process.cwd()}/${source}`])),
    bundle: true,
    write: false,
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /^src\/(.*)\.ts$/.exec(path)?.[1] ?? []);
}

/** What works, steers and reads: a page that only enqueues has no use for it. */
const WORK = [
  ...['worker', 'workers', 'runner', 'run', 'heartbeat', 'reclaimer', 'ticker', 'gates'].map(
    (name) => `core/work/${name}`,
  ),
  ...['schedules', 'looking', 'steering', 'ended-jobs', 'estate', 'results', 'batches', 'measures'].map(
    (name) => `core/operations/${name}`,
  ),
];
const OPERATIONS = [
  ...['claim', 'settle', 'exchange', 'leases', 'steer', 'look', 'purge', 'retention', 'schedules', 'stats'],
].map((name) => `core/kernel/${name}`);

const among = (files: readonly string[], wanted: readonly string[]) =>
  wanted.filter((file) => files.includes(file));

it('an app that makes a queue has in its bundle what works and all operations', async () => {
  const files = await bundled(`
    export { createQueue } from 'holdfast';
    export { indexedDBStore } from 'holdfast/indexeddb';`);
  expect(among(files, [...WORK, ...OPERATIONS])).toEqual([...WORK, ...OPERATIONS]);
});

it('an app that only enqueues has nothing in its bundle that works, steers, schedules or reads', async () => {
  const files = await bundled(`
    export { createEnqueuer, defineJobs, job } from 'holdfast';
    export { indexedDBEnqueueStore } from 'holdfast/indexeddb';`);
  expect(files).toContain('core/kernel/enqueue');
  expect(among(files, [...WORK, ...OPERATIONS])).toEqual([]);
});

it('an enqueuer over a whole store brings nothing along that works', async () => {
  const files = await bundled(`export { createEnqueuer, memoryStore } from 'holdfast';`);
  expect(files).toContain('core/kernel/claim');
  expect(among(files, WORK)).toEqual([]);
});
