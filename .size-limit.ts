import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 1 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '46.8 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '58.9 kB'],
  cron: ['core with the memory store and cron, croner included', '59.8 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '32.4 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '55.8 kB'],
  syncs: ['an app that only enqueues and asks for syncs, over IndexedDB', '32.8 kB'],
  'service-worker': ['a service worker that only works, over IndexedDB', '58 kB'],
  requests: ['a page that only keeps requests, over IndexedDB', '34 kB'],
  workbox: ['a service worker with the background sync of Workbox', '65 kB'],
  handle: ['a page whose queue lives in a worker', '14.6 kB'],
  all: ['everything that holdfast exports', '71.7 kB'],
};

export default Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: PLATFORM,
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));
