/** What may be left out of a value that a test expects, at any depth. Lists are whole. */
export type Partially<Value> = unknown extends Value
  ? unknown
  : Value extends (...args: never[]) => unknown
    ? Value
    : Value extends readonly (infer Item)[]
      ? readonly Partially<Item>[]
      : Value extends object
        ? { readonly [Part in keyof Value]?: Partially<Value[Part]> }
        : Value;

/**
 * Where a value differs from what is expected of it, as a path such as `.tags[1]`; undefined: nowhere. What is not named in an object does not
 * matter; a list has as many items as expected. Matchers of test runners (`expect.any(String)`) decide themselves.
 */
export function difference(actual: unknown, expected: unknown, path = ''): string | undefined {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual) ? undefined : path;
  if (!isObject(expected) || !isObject(actual)) return Object.is(actual, expected) ? undefined : path;
  if (Object.prototype.toString.call(actual) !== Object.prototype.toString.call(expected)) return path;
  const [found, wanted] = [partsOf(actual), partsOf(expected)];
  if (wanted === undefined || found === undefined)
    return textOf(actual) === textOf(expected) ? undefined : path;
  const isWhole = !isPlain(expected);
  if (isWhole && wanted.size !== found.size) return path;
  for (const [part, value] of wanted) {
    const inside = `${path}${typeof part === 'number' ? `[${part}]` : `.${String(part)}`}`;
    const differs = difference(found.get(part), value, inside);
    if (differs !== undefined) return differs;
  }
  return undefined;
}

interface Matcher {
  asymmetricMatch(actual: unknown): boolean;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isMatcher = (value: unknown): value is Matcher =>
  isObject(value) && typeof (value as Partial<Matcher>).asymmetricMatch === 'function';

const isPlain = (value: object): boolean => Object.prototype.toString.call(value) === '[object Object]';

/** What it consists of, by name or place. Undefined: it is one thing, such as a Date. */
function partsOf(value: object): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  if (value instanceof Set) return new Map([...value].entries());
  if (value instanceof ArrayBuffer) return partsOf(new Uint8Array(value));
  if (Array.isArray(value)) return new Map(value.entries());
  if (ArrayBuffer.isView(value))
    return new Map(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).entries());
  return isPlain(value) ? new Map(Object.entries(value)) : undefined;
}

/** Dates, regular expressions and the like say what they are. */
const textOf = (value: object): string => (value instanceof Date ? String(value.getTime()) : String(value));

/** A value as a message shows it, on one line of at most `most` characters. */
export function shown(value: unknown, most = 300): string {
  const text = JSON.stringify(value, plain) ?? String(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** What JSON has no word for. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return { Map: [...value] };
  if (value instanceof Set) return { Set: [...value] };
  if (ArrayBuffer.isView(value))
    return `${Object.prototype.toString.call(value)} of ${value.byteLength} bytes`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer of ${value.byteLength} bytes`;
  if (isMatcher(value)) return String(value);
  return value;
}
