import { describe, expect, it } from 'vitest';
import { cutLines } from '../../scripts/cut-tests.ts';
import { Removal } from '../../scripts/feature-removal.ts';

const lines = (...all: string[]) => `${all.join('\n')}\n`;

const FEATURE = 'src/core/features/roof/roof.ts';
const index = (...names: string[]) => `export { ${names.join(', ')} } from './features/roof/roof.ts';\n`;

function without(files: Readonly<Record<string, string>>): Removal {
  const removal = new Removal({
    files: new Map(Object.entries({ [FEATURE]: 'export const roof = 1;\n', ...files })),
    entries: new Map([['holdfast', 'src/core/index.ts']]),
  });
  removal.features(['roof']);
  return removal;
}

describe('deleting a feature', () => {
  it('takes its folder, its page and the links to it, and fixtures of its name', () => {
    const removal = without({
      'docs/features/roof.md': '# roof',
      'test/unit/calls/roof.json': '[]',
      'README.md': 'See [the roof](docs/features/roof.md#x).',
    });
    removal.tidy();
    expect([...removal.files]).toEqual([['README.md', 'See the roof.']]);
  });

  it('takes the name out of an index, and what imports it there', () => {
    const { files } = without({
      'src/core/index.ts': `${index('roof', 'type LogOptions')}export { get } from './get.ts';\n`,
      'src/cron/index.ts': "import { roof } from 'holdfast';\n",
      'src/browser/index.ts': "import { get } from 'holdfast';\n",
    });
    expect([...files]).toEqual([
      ['src/core/index.ts', "export { get } from './get.ts';\n"],
      ['src/browser/index.ts', "import { get } from 'holdfast';\n"],
    ]);
  });

  it('takes what an index passed on without naming it', () => {
    const { files } = without({
      'src/core/index.ts': "export * from './features/roof/roof.ts';\n",
      'src/index.ts': "export * from './core/index.ts';\n",
      'bench/roof.ts': "import { roof } from '../src/index.ts';\n",
    });
    expect([...files]).toEqual([
      ['src/core/index.ts', 'export {};\n'],
      ['src/index.ts', "export * from './core/index.ts';\n"],
    ]);
  });

  it('leaves a register without the lines that name it', () => {
    const path = 'src/testing/every-feature.ts';
    const { files } = without({
      [path]: lines(
        "import { roof } from '../core/features/roof/roof.ts';",
        'export const use = [',
        '  roof(),',
        '  door(),',
        '];',
      ),
    });
    expect(files.get(path)).toBe(lines('export const use = [', '  door(),', '];'));
  });

  it('leaves a register without the lines that have its name', () => {
    const path = 'src/core/queue/needed.ts';
    const { files } = without({
      [path]: lines('const NEEDED = {', "  a: 'roof()',", "  b: 'door()',", '};'),
    });
    expect(files.get(path)).toBe(lines('const NEEDED = {', "  b: 'door()',", '};'));
  });

  it('takes it out of what cases share, where that has others, and else what says it, with all that is built on that', () => {
    const path = 'test/unit/both.test.ts';
    const { files } = without({
      'src/core/index.ts': index('roof'),
      [path]: lines(
        "import { door, roof } from 'holdfast';",
        'const use = [door({ a: [1, 2] }), roof({ size: 1 })];',
        'const alone = () => open({ use: [roof()] });',
        ...["it('rains', () => {", '  open({ use: [door(), roof({ size: 1 })] });', '});'],
        ...["it('has no door', () => {", '  alone();', '});'],
        ...["it('says roof', () => {", '  open({ use });', '});'],
      ),
    });
    expect(files.get(path)).toBe(
      lines(
        "import { door } from 'holdfast';",
        'const use = [door({ a: [1, 2] })];',
        ...["it('says roof', () => {", '  open({ use });', '});'],
      ),
    );
  });

  it('takes a case that names it in a text, and none that only has it in use', () => {
    const path = 'test/unit/both.test.ts';
    const own = ["it('runs', () => {", "  open('q', { use: [roof()] });", '});'];
    const { files } = without({
      [path]: lines("it('says', () => {", '  expect(said).toBe(`no use: [roof()]`);', '});', ...own),
    });
    expect(files.get(path)).toBe(lines(...own));
  });

  it('takes files of tests that have no case left, and of others what does not compile', () => {
    const [alone, mixed] = ['test/unit/roof.test.ts', 'test/unit/both.test.ts'];
    const own = ["it('rains', () => {", '  roof();', '});'];
    const removal = without({ [alone]: lines(...own), [mixed]: lines(...own, "it('works', () => {});") });
    removal.cut(new Map([alone, mixed].map((path) => [path, [2]])));
    expect([...removal.files]).toEqual([[mixed, lines("it('works', () => {});")]]);
  });
});

describe('of a file of tests goes the smallest whole part that holds a line', () => {
  it.each([
    [
      'a case',
      ["describe('x', () => {", "  it('a', () => {", '    roof();', '  });', "  it('b', () => {});", '});'],
      3,
      [1, 5, 6],
    ],
    [
      'a case with its loop',
      ['function all() {', '  for (const a of ALL)', "    it('a', () => {", '      roof();', '    });', '}'],
      4,
      [1, 6],
    ],
    [
      'an entry of a table of cases',
      ['it.each([', '  [1, roof],', '  [', '    2,', '  ],', "])('%s', () => {", '});'],
      4,
      [1, 2, 6, 7],
    ],
    [
      'the case of a table',
      ['it.each([', '  [1],', "])('%s', () => {", '  roof();', '});', 'const a = 1;'],
      4,
      [6],
    ],
    [
      'an entry of a table of its own',
      ['const WAYS = {', '  a: () => {', '    roof();', '  },', '  b: 1,', '};'],
      3,
      [1, 5, 6],
    ],
    [
      'a declaration',
      ['export const after = (id: string) =>', '  spec(id, roof);', '', 'const b = 1;'],
      2,
      [3, 4],
    ],
  ])('%s', (_, all, wrong, left) => {
    expect(cutLines(all.join('\n'), [wrong])).toBe(left.map((n) => all[n - 1]).join('\n'));
  });
});
