import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const FOLDER = new URL('type-errors/', import.meta.url);
const COMPILER = new URL('../../node_modules/.bin/tsc', import.meta.url);

/** The mistakes of each file. */
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.mistakes.ts'));

let lines: readonly string[];
beforeAll(() => {
  const args = ['--pretty', 'false', '-p', fileURLToPath(FOLDER)];
  const { stdout } = spawnSync(fileURLToPath(COMPILER), args, { encoding: 'utf8' });
  lines = stdout.trimEnd().split('\n');
});

describe('the compiler', () => {
  it.each(FILES)('says of each common mistake what is wrong, where it is: %s', async (file) => {
    await expect(messages(file).join('\n')).toMatchFileSnapshot(`type-errors/${file.replace('.ts', '.txt')}`);
  });

  it.each(FILES)('passes over none of them: %s', (file) => {
    const titles = messages(file).filter((line) => line.startsWith('// '));
    expect(titles).toEqual(mistakes(file).map(({ title }) => title));
  });

  it('has nothing to say of what they are made with', () => {
    const wrong = lines.flatMap((line) => /([^/(]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? []);
    expect([...new Set(wrong)].sort()).toEqual(FILES);
  });
});

/** Each mistake that the compiler refuses, by its title, with what it says and, before that, of which text. */
function messages(file: string): string[] {
  const said: string[] = [];
  let titled: string | undefined;
  let isHere = false;
  for (const line of lines) {
    const place = /^(?:.*\/)?([^/]+)\((\d+),(\d+)\): error TS\d+: (.*)$/.exec(line);
    if (place !== null) isHere = place[1] === file;
    if (!isHere) continue;
    if (place === null) {
      said.push(line);
      continue;
    }
    const [row, column] = place.slice(2).map(Number) as [number, number];
    const title = titleAt(file, row);
    if (title !== titled) said.push('', title);
    titled = title;
    said.push(`${wordAt(file, row, column)}: ${place[4]}`);
  }
  return said;
}

const source = (file: string): string[] => readFileSync(new URL(file, FOLDER), 'utf8').split('\n');

/** By the line of its title, counted from one. */
const mistakes = (file: string): { readonly title: string; readonly row: number }[] =>
  source(file).flatMap((title, i) => (title.startsWith('// ') ? [{ title, row: i + 1 }] : []));

const titleAt = (file: string, row: number): string =>
  mistakes(file).findLast((one) => one.row < row)?.title ?? '';

function wordAt(file: string, row: number, column: number): string {
  const rest = source(file)[row - 1]?.slice(column - 1) ?? '';
  return /^['"]?[\w.]+['"]?/.exec(rest)?.[0] ?? rest;
}
