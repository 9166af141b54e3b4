import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 1 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md. The README
 * shows what was measured, by these names: scripts/size-table.ts.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '41.6 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '53.8 kB'],
  cron: ['core with the memory store and cron, croner included', '55.2 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '30.4 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '52.1 kB'],
  syncs: ['an app that only enqueues and asks for syncs, over IndexedDB', '30.9 kB'],
  'service-worker': ['a service worker that only works, over IndexedDB', '54.4 kB'],
  requests: ['a page that only keeps requests, over IndexedDB', '32.0 kB'],
  workbox: ['a service worker with the background sync of Workbox', '61.4 kB'],
  inspector: ['core with the memory store and the inspector, lit included', '70.0 kB'],
  handle: ['a page whose queue lives in a worker', '14.7 kB'],
  browser: ['core with the memory store, gates() and online()', '43.4 kB'],
  opentelemetry: ['core with the memory store, middleware() and openTelemetry()', '44 kB'],
  'features/limits': ['core with the memory store and limits()', '44.4 kB'],
  'features/drop': ['core with the memory store and drop()', '42.3 kB'],
  'features/flows': ['core with the memory store and flows()', '46.1 kB'],
  'features/schedules': ['core with the memory store and schedules()', '46.2 kB'],
  'features/results': ['core with the memory store and results()', '42.7 kB'],
  'features/keys': ['core with the memory store and keys()', '42.2 kB'],
  'features/gates': ['core with the memory store and gates()', '42.3 kB'],
  'features/middleware': ['core with the memory store and middleware()', '42.9 kB'],
  'features/schema': ['core with the memory store and schema()', '42.3 kB'],
  'features/checkpoints': ['core with the memory store and checkpoints()', '41.8 kB'],
  'features/log': ['core with the memory store and log()', '42.5 kB'],
  'features/owner': ['core with the memory store and owner()', '41.7 kB'],
  all: ['everything that holdfast exports', '77.1 kB'],
};

/** What each adds to an app that has its framework and a queue. */
const adapters: Readonly<Record<string, string>> = {
  react: 'react',
  vue: 'vue',
  svelte: 'svelte',
  solid: 'solid-js',
};

const ofAdapters = Object.entries(adapters).map(([adapter, framework]) => ({
  name: `holdfast/${adapter}, whole, without ${framework} and core`,
  limit: '1 kB',
  path: `bench/size/apps/adapters/${adapter}.ts`,
  ignore: [...PLATFORM, framework, '*/core/index.ts'],
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));

const ofApps = Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: [...PLATFORM, '@opentelemetry/api'],
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));

export default [...ofApps, ...ofAdapters];
