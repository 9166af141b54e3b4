import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { entries } from '../../scripts/entries.ts';

export interface App {
  /** A module. */
  readonly code: string;
  /** Left out, whoever imports them. */
  readonly without?: readonly string[];
}

/** A size that is shown: of one app, or what it has more than another. */
export interface Bundle {
  readonly name: string;
  readonly app: App;
  readonly beside?: App;
  /** Bytes, minified and compressed with brotli. */
  readonly goal?: number;
}

/** One of `apps/`, written as its author would. */
const appOf = (name: string): App => ({ code: `export * from './apps/${name}.ts';` });
const withoutDevalue = (name: string): App => ({ ...appOf(name), without: ['devalue'] });

export const bundles = {
  memory: { name: 'core with the memory store', app: appOf('memory'), goal: 15_000 },
  // Without what a store brings along, nothing runs: so what the edge adds is counted on top of core with the memory store.
  edge: {
    name: 'what the edge queue adds, without devalue',
    app: withoutDevalue('edge'),
    beside: withoutDevalue('memory'),
    goal: 4_500,
  },
  enqueues: { name: 'an app that only enqueues, over IndexedDB', app: appOf('enqueues'), goal: 10_500 },
  works: { name: 'an app that enqueues and works, over IndexedDB', app: appOf('works'), goal: 18_500 },
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

/** How an app is bundled, here and by size-limit. */
export const bundling = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2023',
  alias: Object.fromEntries(
    entries.map(({ name, source }) => [name, fileURLToPath(new URL(`../../${source}`, import.meta.url))]),
  ),
  logLevel: 'silent',
} as const satisfies BuildOptions;

export const PLATFORM = ['cloudflare:*', 'node:*'];

async function sizeOfApp({ code, without = [] }: App): Promise<Size> {
  const { outputFiles } = await build({
    ...bundling,
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    external: [...PLATFORM, ...without],
    write: false,
  });
  const { contents } = outputFiles[0]!;
  return {
    minified: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents).length,
  };
}
