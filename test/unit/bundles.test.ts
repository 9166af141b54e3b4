import { build } from 'esbuild';
import type * as browser from 'holdfast/browser';
import type * as workbox from 'holdfast/workbox';
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

const namesIn = (files: readonly string[], folder: string): readonly string[] =>
  files.flatMap((file) => (file.startsWith(`${folder}/`) ? [file.slice(folder.length + 1)] : []));

/** Rules for which a page that only enqueues has no use. */
const RULES = ['claim', 'exchange', 'explain', 'look', 'purge', 'retention', 'retry-now', 'stats', 'steer'];

const rulesIn = (files: readonly string[]) =>
  namesIn(files, 'core/kernel').filter((name) => RULES.includes(name));

it.each([
  ['IndexedDB', `export { indexedDBStore } from 'holdfast/indexeddb';`],
  ['memory', `export { memoryStore } from 'holdfast';`],
])(
  'an app that only enqueues has nothing in its bundle that works, steers or reads: over %s',
  async (_, store) => {
    const files = await bundled(`export { createQueue, defineJobs, job } from 'holdfast'; ${store}`);
    expect(files).toContain('core/kernel/enqueue');
    expect(namesIn(files, 'core/work')).toEqual([]);
    expect(namesIn(files, 'core/operations')).toEqual([]);
    expect(rulesIn(files)).toEqual([]);
  },
);

it('a page whose queue is in a worker has in its bundle no store, no worker and no rule of how jobs are stored', async () => {
  const files = await bundled(`
    export { defineJobs, job } from 'holdfast';
    export { workerQueue } from 'holdfast/comlink';`);
  expect(files).toContain('browser/comlink/worker-queue');
  expect(files).not.toContain('core/kernel/enqueue');
  for (const folder of ['stores/indexeddb', 'stores/memory', 'core/work', 'core/operations'])
    expect(namesIn(files, folder)).toEqual([]);
  expect(rulesIn(files)).toEqual([]);
});

it('an app has of the operations in its bundle those that it calls', async () => {
  const files = await bundled(`export { count, createQueue, hold, memoryStore } from 'holdfast';`);
  const operations = namesIn(files, 'core/operations');
  expect(operations).toEqual(expect.arrayContaining(['count', 'hold']));
  for (const name of ['cancel', 'get', 'list', 'purge', 'redrive', 'result', 'schedules', 'stats'])
    expect(operations).not.toContain(name);
  expect(namesIn(files, 'core/work')).toEqual([]);
});

it('an app that hands a queue to work has in its bundle what works', async () => {
  const files = await bundled(`export { createQueue, memoryStore, work } from 'holdfast';`);
  for (const name of ['worker', 'runner', 'attempt', 'heartbeat', 'reclaimer'])
    expect(namesIn(files, 'core/work')).toContain(name);
  expect(rulesIn(files)).toContain('claim');
  expect(rulesIn(files)).toContain('exchange');
  expect(files.filter((file) => file.startsWith('core/features/'))).toEqual([]);
});

const GATES = [
  'online',
  'visible',
  'network',
  'battery',
  'signedIn',
  'when',
  'all',
] as const satisfies readonly (keyof typeof browser)[];

it.each(GATES)('an app has of the gates in its bundle the one that it imports: %s', async (name) => {
  const files = namesIn(
    await bundled(`import { ${name} } from 'holdfast/browser'; console.log(${name});`),
    'browser/gates',
  );
  const needed = ['when', 'listen', ...(name === 'online' ? ['prober'] : [])];
  expect(files).toContain(name === 'signedIn' ? 'signed-in' : name);
  expect(files.filter((file) => !needed.includes(file)).length).toBeLessThanOrEqual(1);
});

it.each([
  [
    'keeps requests',
    `export { enqueueRequest, keepRequest, onRequestEnd, requestJob } from 'holdfast/requests';`,
  ],
  [
    'looks at what Workbox’s plugin keeps',
    `export { ${'requestQueue' satisfies keyof typeof workbox} } from 'holdfast/workbox';`,
  ],
])('a page that only %s has nothing in its bundle that works', async (_, code) => {
  const files = await bundled(`export { createQueue } from 'holdfast'; ${code}`);
  expect(files).toContain('browser/replay/request-job');
  expect(namesIn(files, 'core/work')).toEqual([]);
  expect(rulesIn(files)).toEqual([]);
});
