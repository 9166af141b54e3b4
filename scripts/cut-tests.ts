/**
 * Cuts the smallest whole part out of a test file that holds a line: an entry of a table, a case, or a declaration. It goes by the indentation that
 * the formatter gives.
 */

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;
const isBlank = (line: string): boolean => line.trim() === '';
const closes = (line: string): boolean => /^\s*[\])}]/.test(line);
const isCase = (line: string): boolean => /^\s*it(\.\w+)*[(<]/.test(line);

export const casesIn = (text: string): number => text.split('\n').filter(isCase).length;
export const hasCases = (text: string): boolean => casesIn(text) > 0;

/** The text without the parts that hold these lines, which are counted from 1. */
export function cutLines(text: string, numbers: Iterable<number>): string {
  const lines = text.split('\n');
  const out = new Set<number>();
  for (const number of numbers) {
    const [first, last] = partOf(lines, number - 1);
    for (let i = first; i <= last; i++) out.add(i);
  }
  return lines.filter((_, i) => !out.has(i)).join('\n');
}

/** Without the parts that say one of these names, as the file imported or declared them, and what says the names of declarations that go with them. */
export function withoutNames(text: string, names: readonly string[]): string {
  let left = text;
  for (let lost = names; lost.length > 0; ) {
    const says = new RegExp(`(?<![.\\w])(?:${lost.join('|')})(?![\\w]|\\??:)`);
    const lines = left.split('\n').flatMap((line, i) => (isSaid(line, says) ? [i + 1] : []));
    const next = cutLines(left, lines);
    const declared = namesIn(next);
    lost = namesIn(left).filter((name) => !declared.includes(name));
    left = next;
  }
  return left;
}

const isSaid = (line: string, says: RegExp): boolean =>
  !/^\s*(\/\*|\*|\/\/)/.test(line) && !line.includes(" from '") && says.test(line.replace(/'[^']*'/g, ''));

/** At the top of the file. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:export )?(?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm)].map(
    ([, name = '']) => name,
  );

/** Whether a case holds this line, which is counted from 0. */
export const isInCase = (lines: readonly string[], at: number): boolean =>
  startsAround(lines, at).some((start) => isCase(lines[start] as string));

/** Its first line and its last. */
function partOf(lines: readonly string[], at: number): readonly [number, number] {
  const around = startsAround(lines, at);
  const found = around.findIndex((start) => isCase(lines[start] as string));
  if (found >= 0) {
    const start = around[found] as number;
    const inside = around[found - 1];
    if (inside !== undefined && isTable(lines, start, inside)) return blockOf(lines, inside);
    return blockOf(lines, headOf(lines, start));
  }
  const top = around.at(-1) as number;
  const entry = around.at(-2);
  if (entry !== undefined && /= [[{]$/.test(lines[top] as string)) return blockOf(lines, entry);
  return blockOf(lines, top);
}

/** The first lines of all that holds this one, from inside out. */
function startsAround(lines: readonly string[], at: number): readonly number[] {
  const starts: number[] = [];
  let indent = Number.POSITIVE_INFINITY;
  for (let i = at; i >= 0 && indent > 0; i--) {
    const line = lines[i] as string;
    if (isBlank(line) || indentOf(line) >= indent) continue;
    if (closes(line)) {
      // It belongs to what began with the same indentation.
      if (i === at || starts.length === 0 || indentOf(line) < indent) indent = indentOf(line) + 1;
      continue;
    }
    starts.push(i);
    indent = indentOf(line);
  }
  return starts;
}

/** Whether a part of `it.each` is an entry of its table, and not of the case. */
function isTable(lines: readonly string[], start: number, inside: number): boolean {
  const line = lines[start] as string;
  if (!/\.each[^(]*\(\[$/.test(line) && !/\.each[^(]*\($/.test(line)) return false;
  const between = lines.slice(start + 1, inside + 1);
  return !between.some((one) => closes(one) && indentOf(one) === indentOf(line));
}

/** With the loops that the case alone is the body of. */
function headOf(lines: readonly string[], start: number): number {
  let before = start - 1;
  while (before >= 0 && isBlank(lines[before] as string)) before -= 1;
  const line = lines[before];
  if (line === undefined || indentOf(line) >= indentOf(lines[start] as string) || line.endsWith('{'))
    return start;
  let head = before;
  while (closes(lines[head] as string) || indentOf(lines[head] as string) > indentOf(line)) head -= 1;
  return headOf(lines, head);
}

/** To the last line that is not less indented, or closes it. */
function blockOf(lines: readonly string[], start: number): readonly [number, number] {
  const indent = indentOf(lines[start] as string);
  let last = start;
  for (let i = start + 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (isBlank(line)) continue;
    if (indentOf(line) < indent || (indentOf(line) === indent && !closes(line))) break;
    last = i;
  }
  return [start, last];
}
