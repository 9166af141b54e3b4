/**
 * What has to go with a feature, found from the sources alone: no list says it by feature.
 *
 * - Its folder, its page and the fixtures that have its name go.
 * - An export of what is gone goes from its statement: that is how an index loses a name.
 * - A file that imports what is gone goes, too, and what imports that file. It is a test of the feature, or it is built on it.
 * - A file of tests loses the names that it imported. A `use` of several features that cases share goes on without it. What then says a word
 *   of the feature (`feature-words.ts`) or does not compile goes: a case, an entry of a table, a declaration. Without a case that is left the
 *   file goes.
 * - A register (`REGISTERS`) stays: it loses the imports of what is gone, and each line that names it.
 * - A public entry whose source is gone leaves `exports` and `paths`.
 */
import { dirname, join, normalize } from 'node:path';
import { casesIn, cutLines, hasCases, namesIn, withoutNames } from './cut-tests.ts';
import { FEATURE_WORDS } from './feature-words.ts';
import { faults } from './promises.ts';
import { withoutUses } from './use-lists.ts';

/** Files that list something, one a line. */
const REGISTERS = [
  'src/core/features/order.ts',
  'src/core/queue/needed.ts',
  'src/testing/every-feature.ts',
  'src/testing/conformance/suite.ts',
  'test/unit/docs-pages.ts',
];

/** Files of which parts may go. What the compiler has to refuse is whole files. */
const TESTS = /^(test\/(?!unit\/type-errors\/)|src\/testing\/conformance\/)/;

const STATEMENT = /^(import|export) (type )?([^;'"]*?) ?from '([^']+)';\n/gm;
const LAZY = /\bimport\(\s*'([^']+)'\s*\)/g;

interface Statement {
  readonly text: string;
  readonly kind: string;
  readonly target: string;
  /** As the target has them, and as the file does. Undefined: all of them. */
  readonly names:
    | readonly { readonly theirs: string; readonly ours: string; readonly text: string }[]
    | undefined;
}

export interface Tree {
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Sources by the names of public modules. */
  readonly entries: ReadonlyMap<string, string>;
}

export class Removal {
  /** As they are afterwards; what is gone is not there. */
  readonly files: Map<string, string>;
  readonly gone = new Set<string>();
  /** Of which a part is gone. */
  readonly changed = new Set<string>();
  readonly #entries: ReadonlyMap<string, string>;
  /** Names that a file exported, and does no longer. */
  readonly #lost = new Map<string, Set<string>>();
  readonly #statements = new Map<string, readonly Statement[]>();

  constructor({ files, entries }: Tree) {
    this.files = new Map(files);
    this.#entries = entries;
    for (const [path, text] of files)
      if (/\.[mc]?[jt]s$/.test(path)) this.#statements.set(path, this.#read(path, text));
  }

  /** Of the unit tests and of the conformance of stores: a table is one. */
  get cases(): number {
    const paths = [...this.files].filter(([path]) => /^(test\/unit|src\/testing\/conformance)\//.test(path));
    return paths.reduce((sum, [, text]) => sum + casesIn(text), 0);
  }

  /** Takes these features away. */
  features(names: readonly string[]): void {
    for (const name of names) {
      for (const path of this.files.keys())
        if (
          path.startsWith(`src/core/features/${name}/`) ||
          path === `docs/features/${name}.md` ||
          (path.startsWith('test/') && path.endsWith(`/${name}.json`))
        )
          this.#remove(path);
      for (const path of REGISTERS)
        this.#change(path, (text) => text.replace(new RegExp(`^.*'${name}(\\(\\))?'.*\\n`, 'gm'), ''));
    }
    this.#follow();
    for (const name of names) this.cut(this.#saying(name));
  }

  /** The lines of tests that say a word of the feature as a field, a text or a call, or the feature itself in a text. */
  #saying(name: string): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    const words = FEATURE_WORDS[name] ?? [];
    const fields = words.map((word) => word.replace(':', '')).join('|');
    const others = words.filter((word) => !word.endsWith(':')).join('|');
    const ways = [`\\b(${fields})\\??: `, `'(${others})'`, `\\.(${others})\\b`, `(?<![.\\w])(${others})\\(`];
    const says = words.length === 0 ? undefined : new RegExp(ways.join('|'));
    const isSaid = (line: string) =>
      says?.test(line) || line.match(/'[^']*'|`[^`]*`/g)?.some((said) => said.includes(`${name}()`));
    for (const [path, text] of this.files) {
      if (!TESTS.test(path) || !hasCases(text) || Removal.isRegister(path)) continue;
      const lines = linesOf(text, (line) => isSaid(line) === true);
      if (lines.length > 0) found.set(path, lines);
    }
    return found;
  }

  /** Takes parts of files away that did not compile without it: by path, the lines that were wrong. */
  cut(wrong: ReadonlyMap<string, Iterable<number>>): void {
    for (const [path, lines] of wrong) {
      const text = this.files.get(path) ?? '';
      const left = TESTS.test(path) ? cutLines(text, lines) : '';
      if (left === text) this.#remove(path);
      else this.#leave(path, left);
    }
    this.#follow();
  }

  /** Leaves this of a file of tests; nothing, if it is nothing. */
  #leave(path: string, left: string): void {
    const text = this.files.get(path) ?? '';
    const declared = namesIn(left);
    const kept = withoutNames(
      left,
      namesIn(text).filter((name) => !declared.includes(name)),
    );
    if (!holdsSomething(kept) || (hasCases(text) && !hasCases(kept))) this.#remove(path);
    else this.#set(path, kept);
  }

  #set(path: string, text: string): void {
    const left = exportsOf(text);
    this.#lose(
      path,
      exportsOf(this.files.get(path) ?? '').filter((name) => !left.includes(name)),
    );
    this.files.set(path, text);
    this.changed.add(path);
    this.#statements.set(path, this.#read(path, text));
  }

  static isRegister(path: string): boolean {
    return REGISTERS.includes(path);
  }

  #read(path: string, text: string): readonly Statement[] {
    const named = [...text.matchAll(STATEMENT)].map(([all, kind = '', , what = '', from = '']): Statement => {
      const braces = /\{([^}]*)\}/.exec(what)?.[1];
      const names = braces
        ?.split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
        .map((one) => {
          const [theirs = one, ours = theirs] = one.replace(/^type /, '').split(' as ');
          return { theirs, ours, text: one };
        });
      return { text: all, kind, target: this.#resolve(path, from), names };
    });
    const lazy = [...text.matchAll(LAZY)].map(
      ([all, from = '']): Statement => ({
        text: all,
        kind: 'import',
        target: this.#resolve(path, from),
        names: undefined,
      }),
    );
    return [...named, ...lazy];
  }

  #resolve(path: string, from: string): string {
    return from.startsWith('.') ? normalize(join(dirname(path), from)) : (this.#entries.get(from) ?? from);
  }

  #remove(path: string): void {
    this.#lose(path, exportsOf(this.files.get(path) ?? ''));
    if (!this.files.delete(path)) return;
    this.gone.add(path);
    this.#statements.delete(path);
  }

  #isLost({ target, names }: Statement): boolean {
    const lost = this.#lost.get(target);
    return (
      this.gone.has(target) || (lost !== undefined && (names ?? []).some(({ theirs }) => lost.has(theirs)))
    );
  }

  /** Until nothing more falls. */
  #follow(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const [path, statements] of this.#statements) {
        changed = this.#passOn(path, statements) || changed;
        const lost = statements.filter((statement) => this.#isLost(statement));
        if (lost.length === 0) continue;
        changed = true;
        if (lost.some(({ kind }) => kind === 'import') && !Removal.isRegister(path) && !TESTS.test(path))
          this.#remove(path);
        else this.#cut(path, lost);
      }
    }
  }

  /** What an `export *` no longer brings. Says whether that is news. */
  #passOn(path: string, statements: readonly Statement[]): boolean {
    const lost = this.#lost.get(path) ?? new Set();
    const before = lost.size;
    for (const { kind, names, target } of statements)
      if (kind === 'export' && names === undefined)
        for (const name of this.#lost.get(target) ?? []) lost.add(name);
    if (lost.size > 0) this.#lost.set(path, lost);
    return lost.size > before;
  }

  /** Leaves out of the file what is gone: names of exports, imports, and lines that say imported names. */
  #cut(path: string, lost: readonly Statement[]): void {
    let text = this.files.get(path) as string;
    const said: string[] = [];
    const outs: string[] = [];
    for (const { text: statement, kind, target, names = [] } of lost) {
      const isAllGone = this.gone.has(target);
      const out = names.filter(({ theirs }) => isAllGone || this.#lost.get(target)?.has(theirs));
      const left = names.filter((name) => !out.includes(name));
      const kept = left.map((name) => name.text).join(', ');
      text = text.replace(statement, left.length === 0 ? '' : statement.replace(/\{[^}]*\}/, `{ ${kept} }`));
      const ours = out.map((name) => name.ours);
      if (kind === 'import') (Removal.isRegister(path) ? said : outs).push(...ours);
      if (kind === 'export') this.#lose(path, ours);
    }
    text = withoutLines(text, said);
    if (TESTS.test(path) && outs.length > 0) {
      this.#leave(path, withoutNames(withoutUses(text, outs), outs));
      return;
    }
    this.changed.add(path);
    this.files.set(path, text.trim() === '' ? 'export {};\n' : text);
    this.#statements.set(path, this.#read(path, text));
  }

  /** Without the proofs that are gone, and then without the promises that have no other. */
  #keptPromises(text: string): string {
    const read = (path: string) => this.files.get(normalize(join('docs', path)));
    const without = (document: string) => {
      const wrong = faults(document, read).map((fault) => Number(/\d+/.exec(fault)?.[0]));
      return document
        .split('\n')
        .filter((_, i) => !wrong.includes(i + 1))
        .join('\n');
    };
    return without(without(text));
  }

  #lose(path: string, names: readonly string[]): void {
    this.#lost.set(path, new Set([...(this.#lost.get(path) ?? []), ...names]));
  }

  /** What is said of files that are gone: public entries, pages and their links. Call it in the end. */
  tidy(): void {
    const entries = [...this.#entries].filter(([, source]) => this.gone.has(source)).map(([name]) => name);
    for (const name of entries) {
      this.#change('tsconfig.base.json', (text) =>
        text.replace(new RegExp(`\\n *"${name}": \\[[^\\]]*\\],?`), ''),
      );
      this.#change('package.json', (text) => {
        const manifest = JSON.parse(text) as { exports: Record<string, unknown> };
        delete manifest.exports[name.replace('holdfast', '.')];
        return JSON.stringify(manifest, undefined, 2);
      });
    }
    this.#change('tsconfig.base.json', (text) =>
      text.replace(/"noUnused\w+": true/g, (line) => line.replace('true', 'false')),
    );
    const pages = [...this.gone].flatMap((path) => /^docs\/(features\/.*)\.md$/.exec(path)?.[1] ?? []);
    for (const [path, text] of this.files)
      if (path.endsWith('.md'))
        for (const page of pages)
          this.files.set(
            path,
            (this.files.get(path) ?? text).replace(
              new RegExp(`\\[([^\\]]*)\\]\\([^)]*${page}\\.md[^)]*\\)`, 'g'),
              '$1',
            ),
          );
    this.#change('docs/semantics.md', (text) => this.#keptPromises(text));
  }

  /** Tests that read by its name what is gone or is no longer whole. Call it in the end. */
  cutReaders(): void {
    const names = [...this.gone, ...this.changed].flatMap(
      (path) =>
        /^test\/unit\/(?:.*\/)?([^/]*)$|^docs\/(features\/[^.]*)|^src\/((?:browser|cron|opentelemetry)\/.*)/
          .exec(path)
          ?.slice(1)
          .filter(Boolean) ?? [],
    );
    if (names.length === 0) return;
    const reads = new RegExp(`['/](${names.join('|').replaceAll('.', '\\.')})['"\`]`);
    const found = new Map<string, readonly number[]>();
    for (const [path, text] of this.files)
      if (path.startsWith('test/unit/'))
        found.set(
          path,
          linesOf(text, (line) => !line.includes(" from '") && reads.test(line)),
        );
    this.cut(new Map([...found].filter(([, lines]) => lines.length > 0)));
  }

  #change(path: string, how: (text: string) => string): void {
    const text = this.files.get(path);
    if (text !== undefined) this.files.set(path, how(text));
  }
}

/** The numbers of such lines that are no comments. */
const linesOf = (text: string, isSuch: (line: string) => boolean): readonly number[] =>
  text.split('\n').flatMap((line, i) => (!isComment(line) && isSuch(line) ? [i + 1] : []));

const exportsOf = (text: string): readonly string[] =>
  [
    ...text.matchAll(
      /^export (?:declare |async |abstract )?(?:const|function\*?|class|interface|type) (\w+)/gm,
    ),
  ].map(([, name = '']) => name);

/** More than imports. */
const holdsSomething = (text: string): boolean =>
  text
    .replace(STATEMENT, '')
    .replace(/^\s*(\/?\*|\/\/).*$/gm, '')
    .trim() !== '';

const isComment = (line: string): boolean => /^\s*(\/\*|\*|\/\/)/.test(line);

/** Each line that says one of these, comments apart. */
function withoutLines(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const says = new RegExp(`\\b(${names.join('|')})\\b`);
  return text
    .split('\n')
    .filter((line) => isComment(line) || line.includes(" from '") || !says.test(line))
    .join('\n');
}
