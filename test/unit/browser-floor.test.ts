import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { memoryStore } from 'holdfast';
import { resolveConfig, transformWithOxc } from 'vite';
import { describe, expect, it } from 'vitest';
import { floor } from '../../scripts/browser-floor.ts';
import { entries } from '../../scripts/entries.ts';
import { removeNewer } from './newer-than-floor.ts';
import { WHOLE_LIFE, wholeLife } from './whole-life.ts';

async function bundle(contents: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    alias: Object.fromEntries(entries.map(({ name, source }) => [name, `${process.cwd()}/${source}`])),
    bundle: true,
    write: false,
    format: 'esm',
    target: 'esnext',
    logLevel: 'silent',
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

/** What Node makes of newer built-ins when it is first asked for. */
const LAZY = `import 'node:http'; [Response, ReadableStream, BroadcastChannel, navigator.locks, crypto.subtle];`;

/** The whole life in a process of its own, in which nothing is that is newer than the floor. */
async function liveWithout(store: string, keep: readonly string[]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-floor-'));
  try {
    const code = await bundle(`import { wholeLife } from './whole-life.ts'; ${store}
      wholeLife(store).then((life) => { console.log(JSON.stringify(life)); process.exit(0); });`);
    const file = join(folder, 'life.mjs');
    // An import is carried out before what stands above it, so the bundle is one of its own.
    await writeFile(join(folder, 'bundle.mjs'), code);
    const older = `(${removeNewer})(${JSON.stringify(keep)});`;
    await writeFile(
      file,
      `${LAZY}\nconst __name = (named) => named;\n${older}\nawait import('./bundle.mjs');`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const MEMORY = `import { memoryStore } from 'holdfast'; const store = memoryStore();`;
const INDEXEDDB = `import 'fake-indexeddb/auto'; import { indexedDBStore } from 'holdfast/indexeddb'; const store = indexedDBStore('life');`;

describe('the oldest browsers of the docs', () => {
  it('a whole life comes to the same in the newest', async () => {
    expect(await wholeLife(memoryStore())).toEqual(WHOLE_LIFE);
  });

  it.each([
    ['in memory', MEMORY, []],
    // The imitation takes this one; the page in Chromium has none of them.
    ['in IndexedDB', INDEXEDDB, ['findLast']],
  ])('have every built-in that a whole life takes: %s', async (_, store, keep) => {
    expect(await liveWithout(store, keep)).toEqual(WHOLE_LIFE);
  });

  it('have all syntax that the source has', async () => {
    const all = entries
      .filter(({ source }) => !/^src\/(edge|opentelemetry|stores\/durable-object|testing)\//.test(source))
      .map(({ name }, i) => `export * as entry${i} from '${name}';`)
      .join('\n');
    expect(await bundle(all, { target: floor })).toBe(await bundle(all));
  });

  it('cost the others nothing: a private field that is built is a private field', async () => {
    const { target } = (await resolveConfig({}, 'build')).build;
    if (target === false) throw new Error('the build has no target');
    const { code } = await transformWithOxc(
      'class Kept { #field = 1; #read() { return this.#field; } }',
      'kept.js',
      {
        target,
      },
    );
    expect(code).toContain('return this.#field');
  });

  it('are those that the docs name', async () => {
    const page = await readFile('docs/browsers.md', 'utf8');
    const named = [...page.matchAll(/^\| (Chrome|Safari|Firefox)[^|]*\| ([\d.]+) \|/gm)];
    const versions = named.map(([, name = '', version]) => name.toLowerCase() + version);
    expect(versions.toSorted()).toEqual(floor.filter((one) => !one.startsWith('edge')).toSorted());
    expect(floor).toContain('edge100');
  });
});
