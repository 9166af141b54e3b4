import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 2 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '43.4 kB'],
  indexeddb: ['core with the IndexedDB store, idb included', '48.2 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '53.4 kB'],
  cron: ['core with the memory store and cron, croner included', '52.7 kB'],
  enqueuer: ['an enqueuer with the memory store', '29.3 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '22.9 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '48.3 kB'],
  all: ['everything that holdfast exports', '44.4 kB'],
};

export default Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: PLATFORM,
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));
