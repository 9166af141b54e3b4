import { PayloadError } from './errors.ts';

/** No call takes more; without it, objects that share others would take a time that doubles with each. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Characters of a class's name in a message: it may be of any length. */
const MAX_NAME = 80;

/** Where something is in what contains it. */
export type Key = string | number | undefined;

/** An object on the way from the root: to find cycles, and to say where something is. */
interface Place {
  readonly value: object;
  readonly key: Key;
  readonly up: Place | undefined;
  readonly depth: number;
}

/** What one walk over a value has come to. */
export interface Walk {
  readonly blobs: boolean;
  readonly what: string;
  size: number;
  plain: boolean;
  /** What is being read, and what of it: the place of what user code throws. */
  at: Place | undefined;
  key: Key;
}

export function count(walk: Walk, bytes: number): void {
  walk.size += bytes;
  if (walk.size > MAX_BYTES) throw new PayloadError(walk.what, `is larger than ${MAX_BYTES} bytes`);
}

/** The error for what is at this key of what is being read. A path is put together for nothing else. */
export function refusal(walk: Walk, key: Key, problem: string): PayloadError {
  let path = stepTo(key);
  for (let place = walk.at; place !== undefined; place = place.up) path = stepTo(place.key) + path;
  return new PayloadError(walk.what + path, problem);
}

function stepTo(key: Key): string {
  if (key === undefined) return '';
  return typeof key === 'number' ? `[${key}]` : `.${key}`;
}

/** By the class that it says it is of, else by what the platform calls it: `arguments` and Math say that they are an Object. */
export function notOfTheSet(value: object, tag: string, walk: Walk): PayloadError {
  const named = String(classOf(value)?.name || 'Object').slice(0, MAX_NAME);
  const name = named === 'Object' ? tag : named;
  const what = name === 'Object' ? 'is no plain object' : `is ${articled(name)}`;
  return refusal(walk, undefined, `${what}: ${reasonFor(tag, walk)}`);
}

const articled = (name: string): string => `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;

const reasonFor = (tag: string, { blobs }: Walk): string =>
  !blobs && (tag === 'Blob' || tag === 'File')
    ? 'it cannot be stored here; store its arrayBuffer() instead'
    : 'only plain objects, arrays, Date, Map, Set, ArrayBuffer and typed arrays can be stored, no subclasses or lookalikes';

/** A method under a symbol is behaviour, as what a prototype gives; anything else would be lost. */
export function refuseSymbols(value: object, walk: Walk): void {
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.length === 0) return;
  for (const symbol of symbols) {
    const property = Object.getOwnPropertyDescriptor(value, symbol);
    if (property?.enumerable && typeof property.value !== 'function')
      throw refusal(
        walk,
        undefined,
        `has the key ${String(symbol).slice(0, MAX_NAME)}: only texts can be keys`,
      );
  }
}

/** Something in this realm has put a setter on Object.prototype, which took what was to be copied. */
export const lostToSetter = (key: string, walk: Walk): PayloadError =>
  refusal(walk, key, 'cannot be stored: Object.prototype has a setter for this key here');

export const added = (name: string): string => `was added to ${articled(name)}: it would be lost`;

/** The class that it says it is of: undefined if that is none. Asked for by name, as a Date of a faked clock says that it is a Date. */
export function classOf(value: object): Class | undefined {
  const made: unknown = value.constructor;
  return typeof made === 'function' ? (made as unknown as Class) : undefined;
}

interface Class {
  readonly name: string;
  readonly prototype: object | null;
}

/** How many prototypes with a constructor its class has: one more for each class of one's own. */
export function levelOf(value: object): number {
  let level = 0;
  let prototype = classOf(value)?.prototype;
  // A proxy could go on for ever.
  for (let looks = 0; prototype && looks < 9; looks++) {
    if (Object.hasOwn(prototype, 'constructor')) level += 1;
    prototype = Object.getPrototypeOf(prototype);
  }
  return level;
}
