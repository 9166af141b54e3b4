import { InvalidOptionError } from '../core/index.ts';
import { checkKnown, checkPlain } from '../core/queue/options.ts';

/** The fields of something that came from elsewhere: known by name, unchecked in value. */
export type Given = Readonly<Record<string, unknown>>;

/** A plain object with no other keys than these. */
export function checkFields(what: string, given: unknown, known: readonly string[]): Given {
  return checkKnown(what, checkPlain(what, given), known);
}

/** The field, checked, or nothing where it is absent. */
export function optional<Key extends string, T>(
  given: Given,
  key: Key,
  check: (what: string, value: unknown) => T,
): { [K in Key]?: T } {
  return given[key] === undefined ? {} : ({ [key]: check(key, given[key]) } as { [K in Key]?: T });
}

export function checkAtMost(what: string, value: number, most: number): number {
  if (value > most) throw new InvalidOptionError(what, value, `at most ${most}`);
  return value;
}
