import { stringify } from 'fast-check';
import type { Numbering } from './numbering.ts';

/** What a store chooses by itself: only its order is in the contract. */
export type Numberings = Readonly<Record<'seq' | 'fence', Numbering>>;

/** Where two answers first differ, and how; undefined: nowhere. */
export function difference(
  reference: unknown,
  tested: unknown,
  numberings: Numberings,
  path = 'it',
): string | undefined {
  if (Object.is(reference, tested)) return undefined;
  if (isPlain(reference) && isPlain(tested)) return differenceIn(reference, tested, numberings, path);
  // Of the class of what it shows, too: an array is not an object with its keys.
  if (stringify(reference) === stringify(tested)) return undefined;
  return `${path} is ${stringify(tested)}, in the reference ${stringify(reference)}`;
}

type Plain = Readonly<Record<string, unknown>>;

function differenceIn(
  reference: Plain,
  tested: Plain,
  numberings: Numberings,
  path: string,
): string | undefined {
  for (const key of new Set([...Object.keys(reference), ...Object.keys(tested)])) {
    const [expected, found] = [reference[key], tested[key]];
    const where = Array.isArray(reference) ? `${path}[${key}]` : `${path}.${key}`;
    if (Object.hasOwn(reference, key) !== Object.hasOwn(tested, key))
      return `${where} is there only ${Object.hasOwn(tested, key) ? 'here' : 'in the reference'}: ${stringify(found ?? expected)}`;
    const chosen = (key === 'seq' || key === 'fence') && typeof expected === 'number';
    const different =
      chosen && typeof found === 'number'
        ? numberings[key].contradiction(expected, found, where)
        : difference(expected, found, numberings, where);
    if (different !== undefined) return different;
  }
  return undefined;
}

function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
