/**
 * `npm run check:features [-- names… | --all-at-once | --seed 7] [--quick] [--verbose]`: deletes features, and shows that a whole package is left.
 *
 * Each run works on a copy of the checkout, from which the feature goes with all that imports it (`feature-removal.ts`). Then it builds what is left,
 * checks its types, and runs its unit tests, the conformance of the memory store among them. Without arguments each feature goes in turn;
 * `--all-at-once` deletes all of them together; `--seed` one that the number draws; `--quick` runs of the
 * tests the conformance of the memory store alone.
 *
 * A test belongs to every feature without which it does not compile, and goes with any of them. So a test of two features, the model and the
 * simulator go with each that they name: how many tests are left is in the table, and `--verbose` lists what went. What is not a test may
 * only go where it is built on the feature (`BUILT_ON`): the kernel, the stores and the edge lose lines of registers and of indexes, never a file.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from './command-line.ts';
import { entries } from './entries.ts';
import { Removal } from './feature-removal.ts';
import { Progress } from './progress.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where files may go with a feature: tests, and what is built on top of the package. */
const TESTS = /^(test|bench|demo|scripts|site|src\/testing)\//;
/** Public parts that may go as well. */
const BUILT_ON = /^src\/(cron|opentelemetry|browser|inspector)\//;
/** The package, and the conformance of the memory store. */
const QUICK = 'tsconfig.quick.json';
/** Beside that of the unit tests, which has most of what there is to cut. */
const OTHERS = [
  ...['core', 'browser', 'testing', 'workers', 'demo'].map((name) => `tsconfig.${name}.json`),
  ...['demo/worker', 'bench', 'bench/durable-object/objects', 'site', 'site/playground'],
];

interface Left {
  readonly what: string;
  readonly gone: number;
  readonly cases: string;
  readonly builtOn: readonly string[];
  readonly tests: number;
  readonly conformance: number;
  readonly seconds: number;
}

const all = readdirSync(join(root, 'src/core/features'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const { values, positionals } = commandLine(import.meta.url, {
  allowPositionals: true,
  options: {
    'all-at-once': { type: 'boolean', default: false },
    seed: { type: 'string' },
    quick: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

/** Which features go, run by run. */
function runs(): readonly (readonly string[])[] {
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: expected of ${all.join(', ')}`);
  const drawn = values.seed === undefined ? [] : [all[drawFrom(values.seed)] as string];
  const together = values['all-at-once'] ? [all] : [];
  const named = [...positionals, ...drawn].map((name) => [name]);
  return together.length + named.length === 0 ? all.map((name) => [name]) : [...together, ...named];
}

function drawFrom(seed: string): number {
  if (!/^\d{1,9}$/.test(seed)) throw new Error(`--seed ${seed}: expected a whole number`);
  return Number(seed) % all.length;
}

const nameOf = (features: readonly string[]): string =>
  features.length === all.length ? 'all at once' : features.join(', ');

function listed(): readonly string[] {
  const given = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const paths = execFileSync('git', given, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  const gone = execFileSync('git', ['ls-files', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\n');
  return paths.filter((path) => !gone.includes(path));
}

/** A copy of the checkout without these features, and what went of it. */
class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-without-'));
  readonly removal: Removal;
  /** Before anything was cut. */
  readonly cases: number;

  constructor(features: readonly string[]) {
    const paths = listed();
    for (const path of paths) {
      mkdirSync(join(this.folder, dirname(path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path));
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    const texts = paths.filter((path) => /\.([mc]?[jt]s|md|json)$/.test(path));
    this.removal = new Removal({
      files: new Map(texts.map((path) => [path, readFileSync(join(root, path), 'utf8')])),
      entries: new Map(entries.map(({ name, source }) => [name, source])),
    });
    this.cases = this.removal.cases;
    this.removal.features(features);
    this.removal.tidy();
    this.#write();
    const quick = {
      extends: './tsconfig.declarations.json',
      compilerOptions: { noEmit: true, declaration: false, emitDeclarationOnly: false, rootDir: '.' },
      include: ['src', 'test/unit/memory.test.ts'],
    };
    writeFileSync(join(this.folder, QUICK), JSON.stringify(quick));
  }

  /** Takes away what does not compile: by path, the lines that are wrong. */
  cut(wrong: ReadonlyMap<string, Iterable<number>>): void {
    this.removal.cut(wrong);
    this.removal.tidy();
    this.#write();
  }

  /** What reads by its name what is gone. */
  cutReaders(): void {
    this.removal.cutReaders();
    this.removal.tidy();
    this.#write();
  }

  #write(): void {
    for (const path of this.removal.gone) rmSync(join(this.folder, path), { force: true });
    for (const [path, text] of this.removal.files) writeFileSync(join(this.folder, path), text);
  }

  /** Runs a script of the package there. */
  async run(
    script: string,
    args: readonly string[],
  ): Promise<{ readonly ok: boolean; readonly said: string }> {
    const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(part));
    const [code] = await once(child, 'close');
    return { ok: code === 0, said: Buffer.concat(said).toString() };
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** All that the compiler says is that of a project (the demo) no file is left. */
const isOnlyEmpty = (said: string): boolean =>
  said
    .trim()
    .split('\n')
    .every((line) => line.includes('error TS18003'));

/** Until all that is left compiles. Throws for what does not, and may not go. */
async function checkTypes(copy: Copy): Promise<void> {
  for (const projects of values.quick ? [[QUICK]] : [['tsconfig.node.json'], OTHERS])
    for (;;) {
      const { ok, said } = await copy.run('typecheck', ['--pretty', 'false', ...projects]);
      if (ok) break;

      const wrong = new Map<string, Set<number>>();
      for (const [, path = '', line] of said.matchAll(/^([^\s(]+)\((\d+),\d+\): error /gm))
        wrong.set(path, (wrong.get(path) ?? new Set()).add(Number(line)));
      const stays = [...wrong.keys()].filter((path) => !TESTS.test(path) || Removal.isRegister(path));
      if (wrong.size === 0 && isOnlyEmpty(said)) break;
      if (wrong.size === 0) throw new Error(said);
      if (stays.length > 0) {
        const lines = said.split('\n').filter((line) => stays.some((path) => line.startsWith(path)));
        throw new Error(`what may not go does not compile:\n${lines.join('\n')}`);
      }
      copy.cut(wrong);
    }
  copy.cutReaders();
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

async function checkTests(copy: Copy): Promise<{ readonly tests: number; readonly conformance: number }> {
  const report = join(copy.folder, 'report.json');
  const { ok, said } = await copy.run('vitest', [
    '--project',
    'unit',
    '--passWithNoTests',
    ...(values.quick ? ['test/unit/memory.test.ts'] : []),
    '--reporter=json',
    `--outputFile=${report}`,
  ]);
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  if (!ok) {
    const failed = testResults.flatMap(({ name, message, assertionResults }) => [
      ...(message === '' ? [] : [`${name}: ${message}`]),
      ...assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName }) => `${name}: ${fullName}`),
    ]);
    throw new Error(`tests failed:\n${failed.join('\n')}\n${said.slice(-4_000)}`);
  }
  const memory = testResults.find(({ name }) => name.endsWith('test/unit/memory.test.ts'));
  const conformance = memory?.assertionResults.filter(({ status }) => status === 'passed').length ?? 0;
  if (conformance === 0) throw new Error('the conformance of the memory store did not run');
  return { tests: numPassedTests, conformance };
}

async function check(features: readonly string[], progress: Progress): Promise<Left> {
  const what = nameOf(features);
  const start = performance.now();
  const copy = new Copy(features);
  try {
    const built = await progress.during(what, async () => {
      await checkTypes(copy);
      const { ok, said } = await copy.run('build', []);
      if (!ok) throw new Error(`build:\n${said}`);
      return checkTests(copy);
    });
    const others = [...copy.removal.gone].filter(
      (path) => !features.some((name) => path.startsWith(`src/core/features/${name}/`)),
    );
    if (values.verbose) console.log(others.sort().join('\n'));
    const builtOn = others.filter((path) => BUILT_ON.test(path));
    const alien = others.filter(
      (path) => path.startsWith('src/') && !BUILT_ON.test(path) && !TESTS.test(path),
    );
    if (alien.length > 0) throw new Error(`these went with ${what}, and are none of it: ${alien.join(', ')}`);
    const seconds = (performance.now() - start) / 1_000;
    const cases = `${copy.removal.cases} of ${copy.cases}`;
    return { what, gone: copy.removal.gone.size, cases, builtOn, ...built, seconds };
  } finally {
    copy.delete();
  }
}

const asked = runs();
const progress = new Progress(asked.map(nameOf));
const rows: string[] = [];
for (const features of asked)
  try {
    const { what, gone, cases, builtOn, tests, conformance, seconds } = await check(features, progress);
    const row = `${what.padEnd(12)}  ${String(gone).padStart(13)}  ${cases.padStart(12)}  ${String(tests).padStart(12)}  ${String(conformance).padStart(18)}  ${seconds.toFixed(0).padStart(7)}`;
    rows.push(builtOn.length === 0 ? row : `${row}\n  with it: ${builtOn.join(' ')}`);
    console.log(`── without ${what}: passed in ${seconds.toFixed(0)} s`);
  } catch (error) {
    process.exitCode = 1;
    console.error(`── without ${nameOf(features)}: failed\n${(error as Error).message}`);
  }
console.log(
  `\nwithout       files deleted    cases left  tests passed  memory conformance  seconds\n${rows.join('\n')}`,
);
