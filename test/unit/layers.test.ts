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
    `logic uses ${name}`,
    'src/core/logic/*.ts',
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

const refused: readonly Planted[] = [
  imports('logic imports the runtime', 'src/core/logic/*.ts', '../runtime/q.ts'),
  imports('logic imports the store interface', 'src/core/logic/*.ts', '../store.ts'),
  imports('logic imports a package', 'src/core/logic/*.ts', 'uuid'),
  imports('the types below logic import the store interface', 'src/core/messages.ts', './store.ts'),
  imports('a core file imports the runtime', 'src/core/*.ts', './runtime/q.ts'),
  imports('a core file imports a store', 'src/core/*.ts', '../stores/memory/index.ts'),
  imports('the index of core imports a store', 'src/core/index.ts', '../stores/memory/index.ts'),
  imports('the runtime imports a store', 'src/core/runtime/*.ts', '../../stores/memory/index.ts'),
  imports('the runtime imports the browser part', 'src/core/runtime/*.ts', '../../browser/index.ts'),
  imports('the runtime imports the index above it', 'src/core/runtime/*.ts', '../index.ts'),
  imports('a store imports another store', 'src/stores/indexeddb/*.ts', '../memory/index.ts'),
  imports('the runtime imports croner', 'src/core/runtime/*.ts', 'croner'),
  imports('the cron entry imports a store', 'src/cron/*.ts', '../stores/memory/index.ts'),
  imports('a store imports the runtime', 'src/stores/memory/*.ts', '../../core/runtime/q.ts'),
  imports('a store reaches the runtime by the index', 'src/stores/memory/*.ts', '../../core/index.ts'),
  imports('what stores are made of imports a store', 'src/store/*.ts', '../stores/memory/index.ts'),
  imports('what stores are made of imports the runtime', 'src/store/*.ts', '../core/runtime/q.ts'),
  imports('what stores are made of reaches the runtime by the index', 'src/store/*.ts', '../core/index.ts'),
  imports('what stores are made of imports a package', 'src/store/*.ts', 'devalue'),
  imports('the browser part imports a store', 'src/browser/*.ts', '../stores/indexeddb/index.ts'),
  imports('the edge imports another store', 'src/edge/*.ts', '../stores/indexeddb/index.ts'),
  imports('the edge imports the browser part', 'src/edge/*.ts', '../browser/index.ts'),
  imports('testing imports a store that is no reference', 'src/testing/*.ts', '../stores/indexeddb/index.ts'),
  imports('testing imports the browser part', 'src/testing/*.ts', '../browser/index.ts'),
  imports('testing imports a package', 'src/testing/*.ts', 'idb'),
  imports('the entry imports a second store', 'src/index.ts', './stores/indexeddb/index.ts'),
  imports('the demo imports a source file', 'demo/*.ts', '../src/index.ts'),
  says(
    'logic hides an import in a type',
    'src/core/logic/*.ts',
    "export type A = import('../store.ts').A;",
    'plugin',
  ),
  says('logic asks the clock', 'src/core/logic/*.ts', 'export const a = Date.now();', 'plugin'),
  says('logic makes a date of now', 'src/core/logic/*.ts', 'export const a = new Date();', 'plugin'),
  says('logic draws a random number', 'src/core/logic/*.ts', 'export const a = Math.random();', 'plugin'),
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
    'logic takes a detour to the clock',
    'src/core/logic/*.ts',
    'export const a = globalThis.Date;',
    'plugin',
  ),
  says(
    'a store takes a detour to a timer',
    'src/stores/memory/*.ts',
    'globalThis.setTimeout?.(() => {}, 1);',
    'plugin',
  ),
  says('the runtime prints', 'src/core/runtime/*.ts', "console.log('a');", 'lint/suspicious/noConsole'),
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

const accepted: readonly Planted[] = [
  {
    reason: 'logic imports the types below it and logic',
    path: 'src/core/logic/*.ts',
    source: importing('../errors.ts', '../job.ts', '../messages.ts', './q.ts'),
  },
  {
    reason: 'logic reads an instant it was given',
    path: 'src/core/logic/*.ts',
    source: 'export const a = (ms: number) => new Date(ms) instanceof Date && Math.max(1, ms);\n',
  },
  {
    reason: 'the types below logic import each other',
    path: 'src/core/messages.ts',
    source: importing('./job.ts', './errors.ts', './messages.ts'),
  },
  {
    reason: 'a core file imports core files and logic',
    path: 'src/core/*.ts',
    source: importing('./job.ts', './logic/q.ts', 'uuid'),
  },
  {
    reason: 'the index of core joins its parts',
    path: 'src/core/index.ts',
    source: importing('./job.ts', './logic/q.ts', './runtime/q.ts'),
  },
  {
    reason: 'the runtime imports logic and core files',
    path: 'src/core/runtime/*.ts',
    source: importing('../logic/q.ts', '../store.ts', './q.ts', 'uuid', 'is-network-error'),
  },
  {
    reason: 'a store imports core files, logic and its own',
    path: 'src/stores/indexeddb/*.ts',
    source: importing('../../core/logic/q.ts', '../../core/store.ts', './q.ts', 'idb'),
  },
  {
    reason: 'a store asks whether its host has locks',
    path: 'src/stores/indexeddb/*.ts',
    source: 'export const a = globalThis.navigator?.locks;\n',
  },
  {
    reason: 'what stores are made of is core files and logic',
    path: 'src/store/*.ts',
    source: importing('../core/operations.ts', '../core/logic/q.ts', './q.ts'),
  },
  {
    reason: 'the browser part imports core and its own',
    path: 'src/browser/*.ts',
    source: importing('../core/index.ts', './q.ts'),
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
