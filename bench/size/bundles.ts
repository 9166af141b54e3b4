import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { entries } from '../../scripts/entries.ts';

/** What an app imports, as its author writes it. */
export interface App {
  readonly code: string;
  /** Left out, whoever imports them. */
  readonly without?: readonly string[];
}

/** A size that is shown, and held by `npm run check:size`: of one app, or what it has more than another. */
export interface Bundle {
  readonly name: string;
  readonly app: App;
  readonly beside?: App;
  /** Bytes, minified and compressed with brotli. */
  readonly goal?: number;
}

const QUEUE = "export { createQueue, defineJobs, job } from 'holdfast';";
const WITH_MEMORY = "export { createQueue, defineJobs, job, memoryStore } from 'holdfast';";
const WITH_INDEXEDDB = `${QUEUE} export { indexedDBStore } from 'holdfast/indexeddb';`;
/** Without what a store brings along, nothing runs: so what the edge adds is counted on top of core with the memory store. */
const WITH_EDGE = `${WITH_MEMORY} export { durableObjectQueue } from 'holdfast/edge';`;

const WITH_CRON = `${WITH_MEMORY} export { cron } from 'holdfast/cron';`;

const ENQUEUER_WITH_MEMORY = "export { createEnqueuer, defineJobs, job, memoryStore } from 'holdfast';";

const ENQUEUES = `
  import { createEnqueuer, defineJobs, job } from 'holdfast';
  import { indexedDBEnqueueStore } from 'holdfast/indexeddb';
  const jobs = defineJobs({ push: job() });
  const enqueuer = createEnqueuer({ name: 'sync', jobs, store: indexedDBEnqueueStore('app') });
  export const save = (note) => enqueuer.enqueue('push', note);`;
const WORKS = `
  import { createQueue, defineJobs, job } from 'holdfast';
  import { indexedDBStore } from 'holdfast/indexeddb';
  const queue = createQueue({ name: 'sync', jobs: defineJobs({ push: job() }), store: indexedDBStore('app') });
  export const save = (note) => queue.enqueue('push', note);
  queue.work({ push: (note) => fetch('/notes', { method: 'POST', body: JSON.stringify(note) }) });`;

export const bundles = {
  memory: { name: 'core with the memory store', app: { code: WITH_MEMORY }, goal: 7_000 },
  indexeddb: {
    name: 'core with the IndexedDB store, idb included',
    app: { code: WITH_INDEXEDDB },
    goal: 10_000,
  },
  edge: {
    name: 'what the edge queue adds, without devalue',
    app: { code: WITH_EDGE, without: ['devalue'] },
    beside: { code: WITH_MEMORY, without: ['devalue'] },
  },
  cron: {
    name: 'what cron adds, croner included',
    app: { code: WITH_CRON },
    beside: { code: WITH_MEMORY },
  },
  enqueuer: { name: 'an enqueuer with the memory store', app: { code: ENQUEUER_WITH_MEMORY } },
  enqueues: { name: 'an app that only enqueues, over IndexedDB', app: { code: ENQUEUES } },
  works: { name: 'an app that enqueues and works, over IndexedDB', app: { code: WORKS } },
  all: { name: 'everything that holdfast exports', app: { code: "export * from 'holdfast';" } },
} as const satisfies Record<string, Bundle>;

export interface Size {
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** Bytes of the entry points as the build has them. The sources are measured: a build may be older than they are. */
export async function sizeOf({ app, beside }: Pick<Bundle, 'app' | 'beside'>): Promise<Size> {
  const size = await sizeOfApp(app);
  if (beside === undefined) return size;
  const base = await sizeOfApp(beside);
  return {
    minified: size.minified - base.minified,
    gzip: size.gzip - base.gzip,
    brotli: size.brotli - base.brotli,
  };
}

async function sizeOfApp({ code, without = [] }: App): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    alias: Object.fromEntries(
      entries.map(({ name, source }) => [name, fileURLToPath(new URL(`../../${source}`, import.meta.url))]),
    ),
    external: ['cloudflare:*', 'node:*', ...without],
    logLevel: 'silent',
  });
  const { contents } = outputFiles[0]!;
  return {
    minified: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents).length,
  };
}
