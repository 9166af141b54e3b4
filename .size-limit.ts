import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 1 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '42 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '54.1 kB'],
  cron: ['core with the memory store and cron, croner included', '55.1 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '30.8 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '51 kB'],
  syncs: ['an app that only enqueues and asks for syncs, over IndexedDB', '31.1 kB'],
  'service-worker': ['a service worker that only works, over IndexedDB', '53.2 kB'],
  requests: ['a page that only keeps requests, over IndexedDB', '32.5 kB'],
  workbox: ['a service worker with the background sync of Workbox', '60.4 kB'],
  handle: ['a page whose queue lives in a worker', '14.4 kB'],
  'features/limits': ['core with the memory store and limits()', '44.8 kB'],
  'features/results': ['core with the memory store and results()', '43 kB'],
  'features/schedules': ['core with the memory store and schedules()', '45.9 kB'],
  'features/flows': ['core with the memory store and flows()', '46.5 kB'],
  'features/keys': ['core with the memory store and keys()', '42.5 kB'],
  'features/log': ['core with the memory store and log()', '42.9 kB'],
  'features/middleware': ['core with the memory store and middleware()', '43.3 kB'],
  'features/gates': ['core with the memory store and gates()', '42.7 kB'],
  'features/schema': ['core with the memory store and schema()', '42.7 kB'],
  'features/checkpoints': ['core with the memory store and checkpoints()', '42.2 kB'],
  all: ['everything that holdfast exports', '73.3 kB'],
};

export default Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: PLATFORM,
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));
