import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

/** A file planted under the repository's rules: `*` in its path becomes a name of its own. */
interface Planted {
  readonly reason: string;
  readonly path: string;
  readonly source: string;
  /** The one rule that must refuse it; none when it must pass. */
  readonly rule?: string;
}

const importing = (...paths: string[]) =>
  paths.map((path, i) => `import { a as a${i} } from '${path}';\nexport const b${i} = a${i};\n`).join('');

const imports = (reason: string, path: string, ...imported: string[]): Planted => ({
  reason,
  path,
  source: importing(...imported),
  rule: 'lint/style/noRestrictedImports',
});

const says = (reason: string, path: string, source: string, rule: string): Planted => ({
  reason,
  path,
  source: `${source}\n`,
  rule,
});

const uses = (name: string): Planted[] => [
  says(
    `the kernel uses ${name}`,
    'src/core/kernel/*.ts',
    `export const a = ${name};`,
    'lint/style/noRestrictedGlobals',
  ),
  says(
    `a store uses ${name}`,
    'src/stores/indexeddb/*.ts',
    `export const a = ${name};`,
    'lint/style/noRestrictedGlobals',
  ),
];

/** So many files of a folder, each of which takes something from the next, and the last from the first. */
const circle = (reason: string, folder: string, files: number, source: (next: string) => string): Planted[] =>
  Array.from({ length: files }, (_, i) => {
    const name = (n: number) => `${reason.replaceAll(' ', '-')}-${n % files}.ts`;
    const path = `${folder}/${name(i)}`;
    return says(`${reason}: ${path}`, path, source(`./${name(i + 1)}`), 'lint/suspicious/noImportCycles');
  });

const typesOf = (next: string): string =>
  `import type { A as Next } from '${next}';\nexport interface A {\n  readonly next?: Next;\n}`;

const refused: readonly Planted[] = [
  imports('the kernel imports the queue', 'src/core/kernel/*.ts', '../queue/q.ts'),
  imports('the kernel imports a timer', 'src/core/kernel/*.ts', '../timer.ts'),
  imports('the kernel imports a package', 'src/core/kernel/*.ts', 'uuid'),
  imports('the kernel imports a feature', 'src/core/kernel/*.ts', '../features/log/q.ts'),
  imports('a queue imports a feature', 'src/core/queue/*.ts', '../features/log/q.ts'),
  imports('an operation imports a feature', 'src/core/operations/*.ts', '../features/log/q.ts'),
  imports('a worker imports a feature', 'src/core/work/*.ts', '../features/log/q.ts'),
  imports('a feature imports another', 'src/core/features/a/*.ts', '../b/q.ts'),
  imports('a feature imports the index above it', 'src/core/features/a/*.ts', '../../index.ts'),
  imports('an operation imports a worker', 'src/core/operations/*.ts', '../work/q.ts'),
  imports('the kernel imports what crosses borders', 'src/core/kernel/*.ts', '../remote/q.ts'),
  imports('the queue imports what crosses borders', 'src/core/queue/*.ts', '../remote/q.ts'),
  imports('an operation imports what crosses borders', 'src/core/operations/*.ts', '../remote/q.ts'),
  imports('a worker imports what crosses borders', 'src/core/work/*.ts', '../remote/q.ts'),
  imports('what crosses borders imports a core file', 'src/core/remote/*.ts', '../timer.ts'),
  imports('what crosses borders imports the index above it', 'src/core/remote/*.ts', '../index.ts'),
  imports('what crosses borders imports a package', 'src/core/remote/*.ts', 'devalue'),
  imports('a core file imports the queue', 'src/core/*.ts', './queue/q.ts'),
  imports('a core file imports a store', 'src/core/*.ts', '../stores/memory/index.ts'),
  imports('an adapter imports another', 'src/adapters/react/*.ts', '../vue/index.ts'),
  imports('an adapter imports another framework', 'src/adapters/react/*.ts', 'preact'),
  imports('what adapters share imports a store', 'src/adapters/*.ts', '../stores/memory/index.ts'),
  imports('the index of core imports a store', 'src/core/index.ts', '../stores/memory/index.ts'),
  imports('a queue imports a store', 'src/core/queue/*.ts', '../../stores/memory/index.ts'),
  imports('a queue imports the browser part', 'src/core/queue/*.ts', '../../browser/index.ts'),
  imports('a queue imports an operation', 'src/core/queue/*.ts', '../operations/q.ts'),
  imports('a queue imports the work', 'src/core/queue/*.ts', '../work/q.ts'),
  imports('a queue imports the index above it', 'src/core/queue/*.ts', '../index.ts'),
  imports('a store imports another store', 'src/stores/indexeddb/*.ts', '../memory/index.ts'),
  imports(
    'what hosts a queue imports a store',
    'src/browser/comlink/*.ts',
    '../../stores/indexeddb/index.ts',
  ),
  imports('what hosts a queue imports its neighbours', 'src/browser/comlink/*.ts', '../online.ts'),
  imports('a gate imports comlink', 'src/browser/*.ts', 'comlink'),
  imports('a queue imports croner', 'src/core/queue/*.ts', 'croner'),
  imports('a queue imports lit', 'src/core/queue/*.ts', 'lit'),
  imports('the inspector imports a store', 'src/inspector/*.ts', '../stores/memory/index.ts'),
  imports('a view of the inspector imports the edge', 'src/inspector/views/*.ts', '../../edge/index.ts'),
  imports('the cron entry imports a store', 'src/cron/*.ts', '../stores/memory/index.ts'),
  imports('a store imports the queue', 'src/stores/memory/*.ts', '../../core/queue/q.ts'),
  imports('a store reaches the queue by the index', 'src/stores/memory/*.ts', '../../core/index.ts'),
  imports('what stores are made of imports a store', 'src/store/*.ts', '../stores/memory/index.ts'),
  imports('what stores are made of imports the queue', 'src/store/*.ts', '../core/queue/q.ts'),
  imports('what stores are made of reaches the queue by the index', 'src/store/*.ts', '../core/index.ts'),
  imports('what stores are made of imports a package', 'src/store/*.ts', 'devalue'),
  imports('the browser part imports a store', 'src/browser/*.ts', '../stores/indexeddb/index.ts'),
  imports('a part of the browser imports a store', 'src/browser/a/*.ts', '../../stores/memory/index.ts'),
  imports(
    'the drop-in for Workbox imports another store',
    'src/browser/workbox/*.ts',
    '../../stores/memory/index.ts',
  ),
  imports('a part of the browser reaches into another', 'src/browser/a/*.ts', '../b/q.ts'),
  imports('the edge imports another store', 'src/edge/*.ts', '../stores/indexeddb/index.ts'),
  imports('the edge imports a feature', 'src/edge/*.ts', '../core/features/log/q.ts'),
  imports('the edge imports the browser part', 'src/edge/*.ts', '../browser/index.ts'),
  imports('testing imports a store that is no reference', 'src/testing/*.ts', '../stores/indexeddb/index.ts'),
  imports('testing imports the browser part', 'src/testing/*.ts', '../browser/index.ts'),
  imports('testing imports a package', 'src/testing/*.ts', 'idb'),
  imports('the entry imports a second store', 'src/index.ts', './stores/indexeddb/index.ts'),
  imports('the demo imports a source file', 'demo/*.ts', '../src/index.ts'),
  ...circle('circle of calls', 'src/core/kernel', 2, (next) => {
    return `import { a as next } from '${next}';\nexport const a = (): number => next();`;
  }),
  ...circle('circle of types', 'src/core/kernel', 2, typesOf),
  ...circle('long circle of types', 'src/testing/simulator', 3, typesOf),
  ...circle('circle in the queue', 'src/core/queue', 2, typesOf),
  ...circle('circle in the operations', 'src/core/operations', 2, typesOf),
  ...circle('circle in the work', 'src/core/work', 2, typesOf),
  ...circle('circle of exports', 'src/stores/memory', 2, (next) => `export type { A } from '${next}';`),
  ...circle('circle of lazy imports', 'src/edge', 2, (next) => {
    return `export const a = async () => (await import('${next}')).a;`;
  }),
  says(
    'the kernel hides an import in a type',
    'src/core/kernel/*.ts',
    "export type A = import('../store.ts').A;",
    'plugin',
  ),
  says('the kernel asks the clock', 'src/core/kernel/*.ts', 'export const a = Date.now();', 'plugin'),
  says('the kernel makes a date of now', 'src/core/kernel/*.ts', 'export const a = new Date();', 'plugin'),
  says(
    'the kernel draws a random number',
    'src/core/kernel/*.ts',
    'export const a = Math.random();',
    'plugin',
  ),
  says(
    'what crosses borders asks the clock',
    'src/core/remote/*.ts',
    'export const a = Date.now();',
    'plugin',
  ),
  says('a store asks the clock', 'src/stores/memory/*.ts', 'export const a = Date.now();', 'plugin'),
  says(
    'a store draws a random number',
    'src/stores/memory/*.ts',
    'export const { random } = Math;',
    'plugin',
  ),
  ...uses('setTimeout'),
  ...uses('setInterval'),
  ...uses('setImmediate'),
  ...uses('queueMicrotask'),
  ...uses('requestAnimationFrame'),
  ...uses('requestIdleCallback'),
  ...uses('crypto'),
  ...uses('performance'),
  ...uses('console'),
  says(
    'the kernel takes a detour to the clock',
    'src/core/kernel/*.ts',
    'export const a = globalThis.Date;',
    'plugin',
  ),
  says(
    'a store takes a detour to a timer',
    'src/stores/memory/*.ts',
    'globalThis.setTimeout?.(() => {}, 1);',
    'plugin',
  ),
  says('a queue prints', 'src/core/queue/*.ts', "console.log('a');", 'lint/suspicious/noConsole'),
  says(
    'the kernel types what a feature keeps in the row of the queue',
    'src/core/kernel/*.ts',
    'export interface A {\n  logged?: number;\n}',
    'plugin',
  ),
  says(
    'the kernel types what reading shows of a feature',
    'src/core/kernel/job.ts',
    'export interface A {\n  rateKey?: string;\n}',
    'plugin',
  ),
  says(
    'the kernel reads what a feature keeps in a lease',
    'src/core/kernel/*.ts',
    'export const a = (lease: { [field: string]: number }) => lease.limited;',
    'plugin',
  ),
  says(
    'the kernel writes what a feature keeps in a row',
    'src/core/kernel/*.ts',
    'export const a = { keepResultMs: 1 };',
    'plugin',
  ),
  says('a module remembers', 'src/core/kernel/*.ts', 'export const a = new Map<string, number>();', 'plugin'),
  says('a module counts', 'src/edge/*.ts', 'let a = 0;\nexport const b = () => ++a;', 'plugin'),
  says('a default export', 'src/core/*.ts', 'export default 1;', 'lint/style/noDefaultExport'),
  says('any', 'src/core/*.ts', 'export const a: any = 1;', 'lint/suspicious/noExplicitAny'),
  says(
    'a promise left alone',
    'src/core/*.ts',
    'export const a = () => {\n  Promise.reject();\n};',
    'lint/nursery/noFloatingPromises',
  ),
  says(
    'a name that is not kebab-case',
    'src/core/jobStore.ts',
    'export const a = 1;',
    'lint/style/useFilenamingConvention',
  ),
];

/** Each file takes something from the next, and the last from none. */
const chain = (...paths: string[]): Planted[] =>
  paths.map((path, i) => {
    const below = paths[i + 1];
    const source = below === undefined ? 'export const a = 1;\n' : importing(`./${basename(below)}`);
    return { reason: `${path} imports downwards`, path, source };
  });

const accepted: readonly Planted[] = [
  ...chain('src/core/kernel/roof.ts', 'src/core/kernel/floor.ts', 'src/core/kernel/cellar.ts'),
  {
    reason: 'the kernel imports the kernel',
    path: 'src/core/kernel/*.ts',
    source: importing('./errors.ts', './job.ts', './q.ts'),
  },
  {
    reason: 'a module has constants, and what it makes may remember',
    path: 'src/core/kernel/*.ts',
    source:
      "export const a = new Set(['a']);\nexport class B {\n  readonly c = new Map<string, number>();\n}\n" +
      'export function d() {\n  let e = 0;\n  for (const f of a) e += f.length;\n  return new Map([[e, new Set()]]);\n}\n',
  },
  {
    reason: 'the kernel reads an instant it was given',
    path: 'src/core/kernel/*.ts',
    source: 'export const a = (ms: number) => new Date(ms) instanceof Date && Math.max(1, ms);\n',
  },
  {
    reason: 'a core file imports core files and the kernel',
    path: 'src/core/*.ts',
    source: importing('./timer.ts', './kernel/q.ts'),
  },
  {
    reason: 'the index of core joins its parts',
    path: 'src/core/index.ts',
    source: importing(
      './timer.ts',
      './kernel/q.ts',
      './queue/q.ts',
      './work/q.ts',
      './operations/q.ts',
      './remote/q.ts',
    ),
  },
  {
    reason: 'a queue imports the kernel and core files',
    path: 'src/core/queue/*.ts',
    source: importing('../kernel/q.ts', '../timer.ts', './q.ts', 'uuid'),
  },
  {
    reason: 'what crosses borders imports what core is made of',
    path: 'src/core/remote/*.ts',
    source: importing(...['../kernel/q.ts', '../queue/q.ts', '../operations/q.ts', '../work/q.ts', './q.ts']),
  },
  {
    reason: 'a store imports core files, the kernel and its own',
    path: 'src/stores/indexeddb/*.ts',
    source: importing('../../core/kernel/q.ts', '../../core/kernel/store.ts', './q.ts', 'idb'),
  },
  {
    reason: 'a store asks whether its host has locks',
    path: 'src/stores/indexeddb/*.ts',
    source: 'export const a = globalThis.navigator?.locks;\n',
  },
  {
    reason: 'what stores are made of is core files and the kernel',
    path: 'src/store/*.ts',
    source: importing('../core/kernel/operations.ts', '../core/kernel/q.ts', './q.ts'),
  },
  {
    reason: 'the browser part imports core and its own',
    path: 'src/browser/*.ts',
    source: importing('../core/index.ts', './q.ts'),
  },
  {
    reason: 'a part of the browser imports core, its own and another by its index',
    path: 'src/browser/a/*.ts',
    source: importing('../../core/index.ts', '../../core/queue/q.ts', '../b/index.ts', './q.ts'),
  },
  {
    reason: 'what hosts a queue imports core, comlink and its own',
    path: 'src/browser/comlink/*.ts',
    source: importing('../../core/index.ts', '../../core/queue/q.ts', './q.ts', 'comlink'),
  },
  {
    reason: 'the edge imports core, its store and its own',
    path: 'src/edge/*.ts',
    source: importing('../core/index.ts', '../stores/durable-object/index.ts', './q.ts'),
  },
  {
    reason: 'testing imports core, the reference, vitest and its own',
    path: 'src/testing/*.ts',
    source: importing('../core/index.ts', '../stores/memory/index.ts', './q.ts', 'vitest'),
  },
  {
    reason: 'the entry joins core and memory',
    path: 'src/index.ts',
    source: importing('./core/index.ts', './stores/memory/index.ts'),
  },
  {
    reason: 'the demo imports public entries',
    path: 'demo/*.ts',
    source: importing('holdfast', 'holdfast/indexeddb'),
  },
];

interface Report {
  readonly diagnostics: readonly { severity: string; category: string; location: { path: string } }[];
}

function biome(cwd: string): Promise<Report> {
  const args = ['lint', '--reporter=json', '--colors=off', '--max-diagnostics=none'];
  return new Promise((done) => {
    execFile(resolve('node_modules/.bin/biome'), args, { cwd }, (_, stdout) => done(JSON.parse(stdout)));
  });
}

/** Plants the files in a folder of their own, and answers the rules that refuse them, file by file. */
async function lint(files: readonly Planted[]): Promise<readonly string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-layers-'));
  try {
    for (const name of ['biome.json', 'biome', '.gitignore']) {
      await cp(name, join(folder, name), { recursive: true });
    }
    const planted = files.map((file, i) => ({ ...file, path: file.path.replace('*', `planted-${i}`) }));
    for (const { path, source } of planted) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), source);
    }
    const { diagnostics } = await biome(folder);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    return planted.map(({ path }) =>
      errors.filter(({ location }) => location.path === path).map(({ category }) => category),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.each([
  { verdict: 'refuses', files: refused },
  { verdict: 'lets through', files: accepted },
])('the linter $verdict', ({ files }) => {
  let rules: readonly string[][];
  beforeAll(async () => {
    rules = await lint(files);
  });

  it.each(files.map(({ reason, rule }, i) => ({ reason, rule, i })))('$reason', ({ rule, i }) => {
    expect(rules[i]).toEqual(rule ? [rule] : []);
  });
});

describe('a file name in src', () => {
  const vague = /(^|-)(utils?|helpers?|types?|managers?)(\.d)?\.ts$/;

  it('names one thing', async () => {
    const paths = await readdir('src', { recursive: true });
    expect(paths.filter((path) => vague.test(basename(path)))).toEqual([]);
  });

  it.each(['utils.ts', 'date-helpers.ts', 'types.ts', 'types.d.ts', 'lock-manager.ts'])(
    'is never like %s',
    (name) => {
      expect(name).toMatch(vague);
    },
  );
});
