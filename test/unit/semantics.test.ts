import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faults } from '../../scripts/promises.ts';
import { testTitles } from '../../scripts/test-titles.ts';

const DOCUMENT = new URL('../../docs/semantics.md', import.meta.url);
const read = (path: string) => {
  const file = new URL(path, DOCUMENT);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

const TESTS = "describe('lanes', () => { it('are kept', () => {}); });";
const document = (...lines: string[]) =>
  ['# Promises', '', '- Lanes are kept,', '  always.', ...lines, '', '[unit/lanes]: ../lanes.test.ts'].join(
    '\n',
  );
const faultsOf = (...lines: string[]) =>
  faults(document(...lines), (path) => (path === '../lanes.test.ts' ? TESTS : undefined));

describe('the promises', () => {
  it('in docs/semantics.md each name a test, and each test they name is there', () => {
    expect(faults(readFileSync(DOCUMENT, 'utf8'), read)).toEqual([]);
  });

  it('are proven when the tests that they name are there', () => {
    expect(faultsOf('  - [unit/lanes] “lanes › are kept”')).toEqual([]);
  });

  it.each([
    [
      'a test that is not there',
      ['  - [unit/lanes] “lanes › are kept”', '  - [unit/lanes] “are kept”'],
      'line 6: there is no test “are kept” in ../lanes.test.ts',
    ],
    [
      'a file that is not there',
      ['  - [unit/gone] “lanes › are kept”', '', '[unit/gone]: ../gone.test.ts'],
      'line 5: there is no ../gone.test.ts',
    ],
    ['a file that is nowhere', ['  - [unit/x] “lanes”'], 'line 5: it is not said where [unit/x] is'],
    ['something that is no test', ['  - see the lanes'], 'line 5: this names no test: - see the lanes'],
    ['nothing', [], 'line 3: this promise names no test'],
    [
      'nothing, before one that is proven',
      ['- Keys are.', '  - [unit/lanes] “lanes › are kept”'],
      'line 3: this promise names no test',
    ],
  ])('are not when one names %s', (_, lines, fault) => {
    expect(faultsOf(...lines)).toEqual([fault]);
  });

  it('are missed in a document without any', () => {
    expect(faults('# Promises\n', read)).toEqual(['there is no promise']);
  });
});

describe('the titles of a test file', () => {
  it.each<[string, string, string[]]>([
    ['stand behind those of their suites', TESTS, ['lanes › are kept']],
    ['read … for what only running tells', `for (const a of all) test(\`\${a} is \${b}\`, act);`, ['… is …']],
    ['are as they stand in a table', "it.each([1, 2])('gives %i', act);", ['gives %i']],
    [
      'are found by way of the functions that declare them, with what these are given',
      `export function describeCost() { describe('cost', () => { claims(); }); }
       const claims = () => { law('is constant', 1); law(some, 2); };
       function law(sentence: string, n: number) { it(sentence, () => {}, n); }`,
      ['cost › is constant', 'cost › …'],
    ],
    [
      'are found in a suite that is a function by name',
      "describe('a', b); function b() { it('c', act); }",
      ['a › c'],
    ],
    ['do not include what a comment says', "// it('was once', act)\nit('is', act);", ['is']],
    ['do not include what is still to be written', "it.todo('will be');", []],
    ['do not include what another object’s method is told', "page.it('x', act); list.test('y', act);", []],
  ])('%s', (_, source, titles) => {
    expect([...testTitles(source)]).toEqual(titles);
  });
});
