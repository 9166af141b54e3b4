/** Reads which tests a file declares, without running it: their titles, each behind those of its `describe`s. */
import { parseSync } from 'vite';

/** What is between the titles of a test's full name. */
const SEPARATOR = ' › ';
const SUITES = ['describe'];
const TESTS = ['it', 'test'];

interface Syntax {
  readonly type: string;
  readonly [part: string]: unknown;
}

/** A function of the file, by whose call tests are declared. */
interface Declaring {
  readonly parameters: readonly Syntax[];
  readonly body: Syntax;
  readonly exported: boolean;
}

/** Where the reading stands: the titles around, and what the parameters of the function being read are known to be. */
interface Place {
  readonly path: readonly string[];
  readonly known: ReadonlyMap<string, string>;
  readonly calls: readonly string[];
}

/**
 * The full names of the tests in a TypeScript source. What a title only has when it runs reads `…`: `${how}` in a template, an
 * argument that is not written out. The table of `it.each` is not read either: its title is as it stands there. A function of the same
 * file that declares tests is followed where it is called; one that is exported begins anew.
 */
export function testTitles(source: string): ReadonlySet<string> {
  const program = parseSync('tests.ts', source).program as unknown as Syntax;
  const declaring = declaringFunctions(program);
  const titles = new Set<string>();
  const begin: Place = { path: [], known: new Map(), calls: [] };
  read(program, begin, declaring, titles);
  for (const [name, { body, exported }] of declaring)
    if (exported) read(body, { ...begin, calls: [name] }, declaring, titles);
  return titles;
}

function read(
  syntax: Syntax,
  place: Place,
  declaring: ReadonlyMap<string, Declaring>,
  titles: Set<string>,
): void {
  // Followed where it is called.
  if (declaring.has(nameOfFunction(syntax) ?? '')) return;
  const call = syntax.type === 'CallExpression' ? callOf(syntax) : undefined;
  if (call === undefined) {
    for (const part of partsOf(syntax)) read(part, place, declaring, titles);
    return;
  }
  const { callee, given } = call;
  const [first] = given;
  if (TESTS.includes(callee)) {
    if (first !== undefined) titles.add([...place.path, textOf(first, place.known)].join(SEPARATOR));
    return;
  }
  const suite = SUITES.includes(callee) && first !== undefined;
  const inside = suite ? { ...place, path: [...place.path, textOf(first, place.known)] } : place;
  for (const part of given) read(part, inside, declaring, titles);
  follow(callee, given, place, declaring, titles);
  if (suite) for (const part of given) follow(nameOf(part) ?? '', [], inside, declaring, titles);
}

function follow(
  name: string,
  given: readonly Syntax[],
  place: Place,
  declaring: ReadonlyMap<string, Declaring>,
  titles: Set<string>,
): void {
  const called = declaring.get(name);
  if (called === undefined || place.calls.includes(name)) return;
  const known = new Map(
    called.parameters.flatMap((parameter, i) => {
      const argument = given[i];
      return argument === undefined ? [] : [[nameOf(parameter) ?? '', textOf(argument, place.known)]];
    }),
  );
  read(called.body, { path: place.path, known, calls: [...place.calls, name] }, declaring, titles);
}

/** What is called, `it` for `it.each(table)(…)` too, and with what. */
function callOf(syntax: Syntax): { readonly callee: string; readonly given: readonly Syntax[] } | undefined {
  let callee = syntax.callee as Syntax;
  while (callee.type === 'MemberExpression' || callee.type === 'CallExpression') {
    const inner = (callee.type === 'CallExpression' ? callee.callee : callee.object) as Syntax;
    // Only `it.each(table)` answers something that declares tests when it is called.
    if (callee.type === 'CallExpression' && inner.type !== 'MemberExpression') return undefined;
    callee = inner;
  }
  const name = nameOf(callee);
  const ours = name !== undefined && [...SUITES, ...TESTS].includes(name);
  if (name === undefined || (!ours && syntax.callee !== callee)) return undefined;
  const given = syntax.arguments as readonly Syntax[];
  // A title alone is a test that is still to be written.
  return ours && given.length < 2 ? undefined : { callee: name, given };
}

function textOf(syntax: Syntax, known: ReadonlyMap<string, string>): string {
  if (syntax.type === 'Literal') return String(syntax.value);
  if (syntax.type !== 'TemplateLiteral') return known.get(nameOf(syntax) ?? '') ?? '…';
  const values = syntax.expressions as readonly Syntax[];
  return (syntax.quasis as readonly { readonly value: { readonly cooked: string } }[])
    .map(({ value }, i) => value.cooked + (values[i] === undefined ? '' : textOf(values[i], known)))
    .join('');
}

/** The functions at the top level that declare tests, themselves or by calling another. */
function declaringFunctions(program: Syntax): ReadonlyMap<string, Declaring> {
  const functions = topLevelFunctions(program);
  const declares = new Set([...SUITES, ...TESTS]);
  let size = 0;
  while (size !== declares.size) {
    size = declares.size;
    for (const [name, { body }] of functions) if (mentions(body, declares)) declares.add(name);
  }
  return new Map(functions.filter(([name]) => declares.has(name)));
}

function topLevelFunctions(program: Syntax): readonly (readonly [string, Declaring])[] {
  return (program.body as readonly Syntax[]).flatMap((statement) => {
    const exported = statement.type === 'ExportNamedDeclaration';
    const declared = exported ? (statement.declaration as Syntax | null) : statement;
    const candidates = (declared?.declarations ?? (declared === null ? [] : [declared])) as readonly Syntax[];
    return candidates.flatMap((candidate) => {
      const name = nameOfFunction(candidate);
      if (name === undefined) return [];
      const { params, body } = (candidate.init ?? candidate) as Syntax;
      return [[name, { parameters: params as readonly Syntax[], body: body as Syntax, exported }] as const];
    });
  });
}

function mentions(syntax: Syntax, names: ReadonlySet<string>): boolean {
  return names.has(nameOf(syntax) ?? '') || partsOf(syntax).some((part) => mentions(part, names));
}

function nameOfFunction(syntax: Syntax): string | undefined {
  if (syntax.type === 'FunctionDeclaration') return nameOf(syntax.id as Syntax);
  const init = syntax.type === 'VariableDeclarator' ? (syntax.init as Syntax | null) : null;
  const isFunction = init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression';
  return isFunction ? nameOf(syntax.id as Syntax) : undefined;
}

const nameOf = (syntax: Syntax): string | undefined =>
  syntax.type === 'Identifier' ? (syntax.name as string) : undefined;

const partsOf = (syntax: Syntax): readonly Syntax[] => Object.values(syntax).flat().filter(isSyntax);

const isSyntax = (part: unknown): part is Syntax =>
  typeof part === 'object' && part !== null && 'type' in part;
