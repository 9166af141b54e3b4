import { HoldfastError, InvalidOptionError, messageOf } from '../kernel/errors.ts';
import type { Backoff } from '../kernel/job.ts';
import { development } from './in-development.ts';

/** The greatest instant a Date can hold. */
export const MAX_INSTANT = 8.64e15;
const MAX_TEXT = 512;
/** A store's cursor is a key of its: a name and two texts of 512 characters, and some digits. */
const MAX_CURSOR = 2_048;
export const DEFAULT_GRACE_MS = 5_000;
/** Control characters separate the parts of a store's keys; half a character would not survive in all of them. */
const CONTROL = /[\p{Cc}\p{Cs}\uffff]/u;
const PRIORITIES: Readonly<Record<string, number>> = { high: 10, normal: 0, low: -10 };

/** What an object of the caller's throws when it is read is the option's fault. */
export function reading<T>(option: string, value: unknown, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unread(option, value, error);
  }
}

/** What to throw when reading the option threw. */
export function unread(option: string, value: unknown, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const wanted = `one that can be read (it threw: ${messageOf(error).slice(0, 80)})`;
  return new InvalidOptionError(option, value, wanted);
}

/**
 * The options as a copy, so that each is read once. A mistyped one would be silently ignored: it is refused, with what would be
 * known.
 */
export function checkKnown<Options extends object>(
  what: string,
  options: Options,
  known: readonly string[],
): Options {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionError(what, options, 'an object');
  try {
    const given = options as Readonly<Record<string, unknown>>;
    const copy: Record<string, unknown> = {};
    // Most give few of them, and none by a prototype.
    for (const key of Object.keys(options)) {
      if (!known.includes(key))
        throw new InvalidOptionError(
          what,
          key,
          `only ${known.join(', ')}${development?.didYouMean(key, known) ?? ''}`,
        );
      copyOption(copy, given, key);
    }
    if (Object.getPrototypeOf(options) !== Object.prototype)
      for (const key of known) if (!Object.hasOwn(options, key)) copyOption(copy, given, key);
    return copy as Options;
  } catch (error) {
    throw unread(what, options, error);
  }
}

/** A plain object: no stub, no array, no instance of a class. */
export function checkPlain(what: string, given: unknown): Readonly<Record<string, unknown>> {
  const prototype: unknown = reading(what, given, () =>
    typeof given === 'object' && given !== null ? Object.getPrototypeOf(given) : undefined,
  );
  if (prototype !== null && prototype !== Object.prototype)
    throw new InvalidOptionError(what, given, 'a plain object');
  return given as Readonly<Record<string, unknown>>;
}

function copyOption(copy: Record<string, unknown>, given: Readonly<Record<string, unknown>>, key: string) {
  const value = given[key];
  if (value !== undefined) copy[key] = value;
}

/** The items of a list, as a list of their own. It may only claim to have its length, so that is bounded first. */
export function checkList<Item>(what: string, list: readonly Item[], most: number): readonly Item[] {
  const items = reading(what, list, () => (Array.isArray(list) ? list.slice(0, most + 1) : undefined));
  if (items === undefined) throw new InvalidOptionError(what, list, 'an array');
  if (items.length > most) throw new InvalidOptionError(`${what}.length`, list.length, `at most ${most}`);
  return Array.from(items); // A hole is undefined like any other.
}

/** Whether it has these methods; what throws when it is looked at has none. */
export function hasMethods(value: unknown, ...methods: readonly PropertyKey[]): boolean {
  try {
    const given = value as Readonly<Record<PropertyKey, unknown>>;
    return methods.every((method) => typeof given[method] === 'function');
  } catch {
    return false;
  }
}

/** Every store can give it back as it is, also as a part of a key. */
export const isStorable = (text: string): boolean => !CONTROL.test(text);

/** A name or key: it becomes part of a store's keys. */
export function checkText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT || !isStorable(value))
    throw new InvalidOptionError(
      option,
      value,
      `a text of 1 to ${MAX_TEXT} characters without control characters and lone surrogates`,
    );
  return value;
}

/** Not by the rules of a name: a store's keys have control characters. It is only ever compared with keys. */
export function checkCursor(what: string, given: unknown): string {
  if (typeof given !== 'string' || given.length > MAX_CURSOR)
    throw new InvalidOptionError(what, given, 'the cursor of the page before');
  return given;
}

export function checkCount(option: string, value: unknown, minimum = 1): number {
  if (!Number.isSafeInteger(value) || (value as number) < minimum)
    throw new InvalidOptionError(option, value, `a whole number, ${minimum} or more`);
  return value as number;
}

export function checkMs(option: string, value: unknown, minimum = 0): number {
  const ok = typeof value === 'number' && value >= minimum && value <= MAX_INSTANT;
  if (!ok) throw new InvalidOptionError(option, value, `a number of ms, ${minimum} or more`);
  return Math.ceil(value);
}

/** A Date (of any realm) or epoch ms, as epoch ms. */
export function checkInstant(option: string, value: unknown): number {
  const ms = reading(option, value, () =>
    Object.prototype.toString.call(value) === '[object Date]' ? Date.prototype.getTime.call(value) : value,
  );
  if (typeof ms !== 'number' || !(Math.abs(ms) <= MAX_INSTANT))
    throw new InvalidOptionError(
      option,
      typeof ms !== typeof value ? 'Invalid Date' : value,
      'a valid Date or epoch ms',
    );
  return Math.ceil(ms);
}

export function checkPriority(option: string, value: unknown): number {
  const number = typeof value === 'string' ? PRIORITIES[value] : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > 100)
    throw new InvalidOptionError(option, value, '"high", "normal", "low" or a whole number from -100 to 100');
  return number;
}

export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, value, 'true or false');
  return value;
}

export function checkOneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw new InvalidOptionError(option, value, allowed.join(', '));
  return value as T;
}

/** Answers a copy: what the caller changes afterwards changes nothing. */
export function checkBackoff(option: string, given: unknown): Backoff {
  const value = checkKnown(option, given as Backoff, [
    'kind',
    'initialMs',
    'factor',
    'stepMs',
    'maxMs',
    'jitter',
  ]);
  checkOneOf(`${option}.kind`, value.kind, ['exponential', 'linear', 'fixed']);
  checkMs(`${option}.initialMs`, value.initialMs);
  const { factor = 2 } = value;
  if (typeof factor !== 'number' || !(factor >= 1 && factor <= 1_000))
    throw new InvalidOptionError(`${option}.factor`, factor, 'a number from 1 to 1000');
  if (value.stepMs !== undefined) checkMs(`${option}.stepMs`, value.stepMs);
  if (value.maxMs !== undefined) checkMs(`${option}.maxMs`, value.maxMs);
  if (value.jitter !== undefined) checkOneOf(`${option}.jitter`, value.jitter, ['none', 'full']);
  return value;
}

export function checkSignal(option: string, value: AbortSignal | undefined): AbortSignal | undefined {
  if (value !== undefined && !hasMethods(value, 'addEventListener', 'removeEventListener'))
    throw new InvalidOptionError(option, value, 'an AbortSignal');
  return value;
}

/** The grace of `stop` and `close`. */
export function checkGrace(what: string, options: { readonly graceMs?: number }): number {
  const { graceMs = DEFAULT_GRACE_MS } = checkKnown(what, options, ['graceMs']);
  return checkMs('graceMs', graceMs);
}
