import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { entries } from '../../scripts/entries.ts';
import { faultsOf, rows, withTable } from '../../scripts/size-table.ts';

const apps = rows.flatMap((row) => row.apps ?? []);
const measured = (size: number) => apps.map((name) => ({ name, size }));
const empty =
  'Before\n<!-- sizes: written by node scripts/size.ts --write -->\n<!-- end of sizes -->\nAfter\n';

it('what is written is right, and keeps the page around it', () => {
  const readme = withTable(empty, measured(41_437));
  expect(faultsOf(readme, measured(41_437))).toEqual([]);
  expect(readme).toContain(
    '| `holdfast`, `/work` | the queue, workers, features, and a store in memory | 41.4 |',
  );
  expect(readme).toMatch(/^Before\n[\s\S]*\nAfter\n$/);
});

it('a size is wrong from half a kilobyte on', () => {
  const readme = withTable(empty, measured(41_400));
  expect(faultsOf(readme, measured(41_890))).toEqual([]);
  expect(faultsOf(readme, measured(41_910))).toHaveLength(rows.filter(({ apps }) => apps).length);
});

it('a row that was changed by hand is wrong, and so is one that is missing', () => {
  const readme = withTable(empty, measured(41_400));
  expect(faultsOf(readme.replace('a store in memory', 'a store'), measured(41_400))).toHaveLength(1);
  expect(faultsOf(empty, measured(41_400))).toHaveLength(rows.length);
});

it('the README’s table has each entry point of the package', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const { name } of entries) {
    expect(rows.some((row) => row.entries.includes(name))).toBe(true);
    expect(readme).toMatch(new RegExp(`\`(${name}|${name.replace('holdfast', '')})\``));
  }
});
