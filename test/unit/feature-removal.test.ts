import { describe, expect, it } from 'vitest';
import { cutLines } from '../../scripts/cut-tests.ts';
import { Removal } from '../../scripts/feature-removal.ts';

const lines = (...all: string[]) => `${all.join('\n')}\n`;

const FEATURE = 'src/core/features/log/log.ts';
const index = (...names: string[]) => `export { ${names.join(', ')} } from './features/log/log.ts';\n`;

function without(files: Readonly<Record<string, string>>): Removal {
  const removal = new Removal({
    files: new Map(Object.entries({ [FEATURE]: 'export const log = 1;\n', ...files })),
    entries: new Map([['holdfast', 'src/core/index.ts']]),
  });
  removal.feature('log');
  return removal;
}

describe('deleting a feature', () => {
  it('takes its folder, its page and the links to it, and fixtures of its name', () => {
    const removal = without({
      'docs/features/log.md': '# log',
      'test/unit/calls/log.json': '[]',
      'README.md': 'See [the log](docs/features/log.md#x).',
    });
    removal.tidy();
    expect([...removal.files]).toEqual([['README.md', 'See the log.']]);
  });

  it('takes the name out of an index, and what imports it there', () => {
    const { files } = without({
      'src/core/index.ts': `${index('log', 'type LogOptions')}export { get } from './get.ts';\n`,
      'src/cron/index.ts': "import { log } from 'holdfast';\n",
      'src/browser/index.ts': "import { get } from 'holdfast';\n",
    });
    expect([...files]).toEqual([
      ['src/core/index.ts', "export { get } from './get.ts';\n"],
      ['src/browser/index.ts', "import { get } from 'holdfast';\n"],
    ]);
  });

  it('leaves a register without the lines that name it', () => {
    const path = 'src/testing/every-feature.ts';
    const { files } = without({
      [path]: lines(
        "import { log } from '../core/features/log/log.ts';",
        'export const use = [',
        '  log(),',
        '  keys(),',
        '];',
      ),
    });
    expect(files.get(path)).toBe(lines('export const use = [', '  keys(),', '];'));
  });

  it('leaves a register without the lines that have its name', () => {
    const path = 'src/core/queue/needed.ts';
    const { files } = without({
      [path]: lines('const NEEDED = {', "  a: 'log()',", "  b: 'keys()',", '};'),
    });
    expect(files.get(path)).toBe(lines('const NEEDED = {', "  b: 'keys()',", '};'));
  });

  it('takes it out of what cases share, where that has others, and out of no case', () => {
    const path = 'test/unit/both.test.ts';
    const imports = "import { keys } from 'holdfast';";
    const own = ["it('logs', () => {", '  open({ use: [keys(), log({ size: 1 })] });', '});'];
    const { files } = without({
      'src/core/index.ts': index('log'),
      [path]: lines(
        imports.replace('keys', 'keys, log'),
        'const use = [keys({ a: [1, 2] }), log({ size: 1 })];',
        'const alone = () => open({ use: [log()] });',
        ...own,
      ),
    });
    expect(files.get(path)).toBe(
      lines(
        imports,
        'const use = [keys({ a: [1, 2] })];',
        'const alone = () => open({ use: [log()] });',
        ...own,
      ),
    );
  });

  it('takes a case that names it in a text, and none that only has it in use', () => {
    const path = 'test/unit/both.test.ts';
    const own = ["it('runs', () => {", "  open('q', { use: [log()] });", '});'];
    const { files } = without({
      [path]: lines("it('says', () => {", '  expect(said).toBe(`no use: [log()]`);', '});', ...own),
    });
    expect(files.get(path)).toBe(lines(...own));
  });

  it('takes files of tests that have no case left, and of others what does not compile', () => {
    const [alone, mixed] = ['test/unit/log.test.ts', 'test/unit/both.test.ts'];
    const own = ["it('logs', () => {", '  log();', '});'];
    const removal = without({ [alone]: lines(...own), [mixed]: lines(...own, "it('works', () => {});") });
    removal.cut(new Map([alone, mixed].map((path) => [path, [2]])));
    expect([...removal.files]).toEqual([[mixed, lines("it('works', () => {});")]]);
  });
});

describe('of a file of tests goes the smallest whole part that holds a line', () => {
  it.each([
    [
      'a case',
      ["describe('x', () => {", "  it('a', () => {", '    log();', '  });', "  it('b', () => {});", '});'],
      3,
      [1, 5, 6],
    ],
    [
      'a case with its loop',
      ['function all() {', '  for (const a of ALL)', "    it('a', () => {", '      log();', '    });', '}'],
      4,
      [1, 6],
    ],
    [
      'an entry of a table of cases',
      ['it.each([', '  [1, log],', '  [', '    2,', '  ],', "])('%s', () => {", '});'],
      4,
      [1, 2, 6, 7],
    ],
    [
      'the case of a table',
      ['it.each([', '  [1],', "])('%s', () => {", '  log();', '});', 'const a = 1;'],
      4,
      [6],
    ],
    [
      'an entry of a table of its own',
      ['const WAYS = {', '  a: () => {', '    log();', '  },', '  b: 1,', '};'],
      3,
      [1, 5, 6],
    ],
    [
      'a declaration',
      ['export const after = (id: string) =>', '  spec(id, log);', '', 'const b = 1;'],
      2,
      [3, 4],
    ],
  ])('%s', (_, all, wrong, left) => {
    expect(cutLines(all.join('\n'), [wrong])).toBe(left.map((n) => all[n - 1]).join('\n'));
  });
});
