import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 1 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '40.7 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '52.7 kB'],
  cron: ['core with the memory store and cron, croner included', '54.0 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '28.0 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '49.5 kB'],
  syncs: ['an app that only enqueues and asks for syncs, over IndexedDB', '28.4 kB'],
  'service-worker': ['a service worker that only works, over IndexedDB', '51.7 kB'],
  requests: ['a page that only keeps requests, over IndexedDB', '29.8 kB'],
  workbox: ['a service worker with the background sync of Workbox', '58.8 kB'],
  handle: ['a page whose queue lives in a worker', '14.2 kB'],
  'features/limits': ['core with the memory store and limits()', '43.5 kB'],
  'features/drop': ['core with the memory store and drop()', '41.5 kB'],
  'features/flows': ['core with the memory store and flows()', '45.2 kB'],
  'features/schedules': ['core with the memory store and schedules()', '44.9 kB'],
  'features/results': ['core with the memory store and results()', '41.8 kB'],
  'features/keys': ['core with the memory store and keys()', '41.3 kB'],
  'features/gates': ['core with the memory store and gates()', '41.4 kB'],
  'features/middleware': ['core with the memory store and middleware()', '42.0 kB'],
  'features/schema': ['core with the memory store and schema()', '41.3 kB'],
  'features/checkpoints': ['core with the memory store and checkpoints()', '40.9 kB'],
  'features/log': ['core with the memory store and log()', '41.6 kB'],
  'features/owner': ['core with the memory store and owner()', '40.7 kB'],
  all: ['everything that holdfast exports', '74.6 kB'],
};

export default Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: PLATFORM,
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));
