import { isInCase } from './cut-tests.ts';

/** Lists of features in the source of a test: `use: [results(), flows()]`, `const use = [results(), flows()]`. */
const LIST = /\buse(?:: | = )\[/g;

/**
 * The text without what these functions make in lists of several that cases share: a case may not need all that its scene has. What a case itself has in
 * use it needs, and a scene of one feature is a scene of tests of it.
 */
export function withoutUses(text: string, names: readonly string[]): string {
  const lines = text.split('\n');
  let left = text;
  for (const { index, 0: head } of [...text.matchAll(LIST)].reverse()) {
    const start = index + head.length;
    if (isInCase(lines, text.slice(0, index).split('\n').length - 1)) continue;
    const parts = partsAt(text, start);
    const kept = parts.filter((part) => !names.includes(/^\s*(\w+)\(/.exec(part)?.[1] ?? ''));
    if (kept.length === parts.length || parts.filter((part) => /^\s*\w/.test(part)).length < 2) continue;
    const end = start + parts.join(',').length;
    const isEmpty = head.includes('=') && kept.every((part) => part.trim() === '');
    const typed = isEmpty && text[end + 1] === ';' ? ' as const' : '';
    left = `${left.slice(0, start)}${kept.join(',')}]${typed}${left.slice(end + 1)}`;
  }
  return left;
}

/** What stands between the commas up to the bracket that closes the list. */
function partsAt(text: string, start: number): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < text.length; at++) {
    const char = text[at] as string;
    if ('([{'.includes(char)) depth += 1;
    if (depth === 0 && ',]'.includes(char)) {
      parts.push(text.slice(from, at));
      from = at + 1;
      if (char === ']') break;
    }
    if (')]}'.includes(char)) depth -= 1;
  }
  return parts;
}
