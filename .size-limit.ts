import type { BuildOptions } from 'esbuild';
import { bundling, PLATFORM } from './bench/size/bundles.ts';

/**
 * `npm run check:size` fails when something that users load has grown over its limit: what it was, and 1 %, room for small things. What costs
 * more is decided, not overlooked: then its limit is raised here, and the commit says what for. The goals are in docs/benchmarks.md.
 */
const limits: Readonly<Record<string, readonly [name: string, limit: string]>> = {
  memory: ['core with the memory store', '50.6 kB'],
  edge: ['core with the memory store and the edge queue, devalue included', '62.3 kB'],
  cron: ['core with the memory store and cron, croner included', '59.7 kB'],
  enqueues: ['an app that only enqueues, over IndexedDB', '32.1 kB'],
  works: ['an app that enqueues and works, over IndexedDB', '58.7 kB'],
  all: ['everything that holdfast exports', '66.4 kB'],
};

export default Object.entries(limits).map(([app, [name, limit]]) => ({
  name,
  limit,
  path: `bench/size/apps/${app}.ts`,
  ignore: PLATFORM,
  modifyEsbuildConfig: (config: BuildOptions) => ({ ...config, ...bundling }),
}));
