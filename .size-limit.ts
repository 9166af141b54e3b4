import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 2 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '58.5 kB'],
  indexeddb: ['core with the IndexedDB store, idb included', '66.9 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '70.1 kB'],
  cron: ['core with the memory store and cron, croner included', '67.6 kB'],
  enqueuer: ['an enqueuer with the memory store', '41 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '31.2 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '67 kB'],
  all: ['everything that holdfast exports', '60.1 kB'],
};

export default Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: PLATFORM,
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));
