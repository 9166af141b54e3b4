import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const FOLDER = new URL('type-errors/', import.meta.url);
const COMPILER = new URL('../../node_modules/.bin/tsc', import.meta.url);

let messages: readonly string[];
beforeAll(() => {
  messages = said();
});

describe('the compiler', () => {
  it('says of each common mistake what is wrong, where it is', async () => {
    await expect(messages.join('\n')).toMatchFileSnapshot('type-errors/messages.txt');
  });

  it('passes over none of them', () => {
    expect(messages.filter((line) => line.startsWith('// '))).toEqual(mistakes().map(({ title }) => title));
  });
});

/** Each mistake that the compiler refuses, by its title, with what it says and, before that, of which text. */
function said(): string[] {
  const lines: string[] = [];
  let titled: string | undefined;
  for (const line of compiled()) {
    const place = /^\S+\((\d+),(\d+)\): error TS\d+: (.*)$/.exec(line);
    if (place === null) {
      lines.push(line);
      continue;
    }
    const [row, column] = place.slice(1).map(Number) as [number, number];
    const title = titleAt(row);
    if (title !== titled) lines.push('', title);
    titled = title;
    lines.push(`${wordAt(row, column)}: ${place[3]}`);
  }
  return lines;
}

function compiled(): string[] {
  const args = ['--pretty', 'false', '-p', fileURLToPath(FOLDER)];
  const { stdout } = spawnSync(fileURLToPath(COMPILER), args, { encoding: 'utf8' });
  return stdout.trimEnd().split('\n');
}

const source = (): string[] => readFileSync(new URL('mistakes.ts', FOLDER), 'utf8').split('\n');

/** By the line of its title, counted from one. */
const mistakes = (): { readonly title: string; readonly row: number }[] =>
  source().flatMap((title, i) => (title.startsWith('// ') ? [{ title, row: i + 1 }] : []));

const titleAt = (row: number): string => mistakes().findLast((one) => one.row < row)?.title ?? '';

function wordAt(row: number, column: number): string {
  const rest = source()[row - 1]?.slice(column - 1) ?? '';
  return /^['"]?[\w.]+['"]?/.exec(rest)?.[0] ?? rest;
}
