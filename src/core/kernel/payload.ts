import { messageOf, PayloadError, quote } from './errors.ts';
import type { Measured } from './messages.ts';
import {
  added,
  classOf,
  count,
  type Key,
  levelOf,
  lostToSetter,
  notOfTheSet,
  refusal,
  refuseSymbols,
  type Walk,
} from './payload-walk.ts';

/** Deeper nesting than this is refused: every walk over a payload stays far from the end of the stack. */
const MAX_DEPTH = 500;

/** A payload after checking: a copy that aliases nothing of the input. */
export interface Sealed extends Measured {
  readonly value: unknown;
}

export interface PayloadRules {
  /** Blob and File are kept (they are immutable, so they are not copied). */
  readonly blobs: boolean;
  /** What is sealed, as errors name it. Default `payload`. */
  readonly what?: string;
}

/**
 * Checks that a value is of the payload set and copies it. The set: JSON, undefined, NaN, -0, infinities, bigint, Date, Map, Set,
 * ArrayBuffer, typed arrays, and Blob and File where the store holds them. Built-ins may be of any realm; a proxy around a plain object, an
 * array, a Map or a Set is what it reads as. Throws PayloadError with the path of what is not of the set, or would be lost.
 *
 * Each property is read once. An object met twice becomes two. What is not enumerable is not kept.
 *
 * @example
 * const { value, size } = sealPayload({ at: new Date(), tags: ['a'] }, { blobs: false });
 */
export function sealPayload(value: unknown, { blobs, what = 'payload' }: PayloadRules): Sealed {
  const walk: Walk = { blobs, what, size: 0, plain: true, at: undefined, key: undefined };
  try {
    const copy = copyValue(value, undefined, walk);
    count(walk, 0); // Texts and numbers were only added.
    return { value: copy, size: walk.size, plain: walk.plain && value !== undefined };
  } catch (error) {
    if (isOwn(error)) throw error;
    // What user code throws from a getter is the payload's fault.
    throw refusal(walk, walk.key, `cannot be read: ${messageOf(error).slice(0, 200)}`);
  }
}

/** A copy of what `sealPayload` has answered: all in it can be stored, so nothing is checked. */
export function copySealed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return copyItems(value.slice());
  if (Object.getPrototypeOf(value) !== Object.prototype) return sealPayload(value, { blobs: true }).value;
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === 'object') copy[key] = copySealed(item);
  }
  return copy;
}

/** Holes stay holes. */
function copyItems(items: unknown[]): unknown[] {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item === 'object') items[i] = copySealed(item);
  }
  return items;
}

function copyValue(value: unknown, key: Key, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
      walk.size += value.length + 2;
      return value;
    case 'number':
      walk.size += 8;
      if (!Number.isFinite(value) || Object.is(value, -0)) walk.plain = false;
      return value;
    case 'boolean':
      walk.size += 4;
      return value;
    case 'object':
      return value === null ? value : copyObject(value, key, walk);
    case 'bigint':
      walk.size += 8 + value.toString(16).length;
      walk.plain = false;
      return value;
  }
  walk.plain = false;
  if (value === undefined) return value; // By identity: document.all is an object of that type.
  throw refusal(walk, key, `is a ${typeof value}: it cannot be stored`);
}

function isOwn(error: unknown): error is PayloadError {
  try {
    return error instanceof PayloadError;
  } catch {
    return false; // A revoked proxy was thrown.
  }
}

function copyObject(value: object, key: Key, walk: Walk): unknown {
  const up = walk.at;
  for (let place = up; place !== undefined; place = place.up)
    if (place.value === value)
      throw refusal(walk, key, 'refers back to an object that contains it: cycles cannot be stored');
  const depth = up === undefined ? 1 : up.depth + 1;
  if (depth > MAX_DEPTH) throw refusal(walk, key, `is nested more than ${MAX_DEPTH} deep`);
  count(walk, 2);
  walk.at = { value, key, up, depth };
  walk.key = undefined;
  const copy = copyKind(value, walk);
  walk.at = up;
  walk.key = undefined;
  return copy;
}

function copyKind(value: object, walk: Walk): unknown {
  if (Array.isArray(value)) return copyArray(value, walk);
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Object]' && isPlain(value)) return copyProperties(value, walk);
  walk.plain = false;
  return copyBuiltIn(value, tag.slice(8, -1), walk);
}

/** Of Object.prototype, this realm's or another's (a frame, a worker's message), or of none. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  // Proxies of observables say that they have none, whatever they stand for.
  if (prototype === null) return classOf(value) === undefined;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function copyProperties(value: object, walk: Walk): object {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    walk.size += key.length + 3;
    walk.key = key;
    const kept = copyValue((value as Record<string, unknown>)[key], key, walk);
    // Assigning to __proto__ would set the prototype of the copy.
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: kept, enumerable: true, writable: true, configurable: true });
    else copy[key] = kept;
    // Asked of each key, as a list of those of the copy would be thrown away for each payload.
    if (!Object.hasOwn(copy, key)) throw lostToSetter(key, walk);
  }
  refuseSymbols(value, walk);
  return copy;
}

function copyArray(value: readonly unknown[], walk: Walk): unknown[] {
  if (Object.getPrototypeOf(value) !== Array.prototype && levelOf(value) !== 2)
    throw notOfTheSet(value, 'Array', walk);
  const length = value.length >>> 0; // A proxy may say anything.
  count(walk, length);
  refuseSymbols(value, walk);
  // Not by its keys: that would make a text of each index.
  if (Object.values(value).length !== length) return copySparse(value, length, walk);
  const copy: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const item = value[i];
    if (item === undefined && !(i in value)) return copySparse(value, length, walk);
    copy.push(copyValue(item, i, walk));
  }
  return copy;
}

/** With holes, which stay holes, or with more than its items. */
function copySparse(value: readonly unknown[], length: number, walk: Walk): unknown[] {
  walk.plain = false;
  const copy: unknown[] = [];
  copy.length = length;
  for (const key of Object.keys(value)) {
    const i = Number(key) >>> 0;
    if (i >= length || String(i) !== key) throw refusal(walk, key, added('Array'));
    walk.key = i;
    copy[i] = copyValue(value[i], i, walk);
  }
  return copy;
}

/**
 * Asks for what makes it what it is, and never by `instanceof`: those of another realm have it, and what only looks like one has not. A
 * class of one's own that extends one of these would come back as what it extends.
 */
function copyBuiltIn(value: object, tag: string, walk: Walk): unknown {
  const level = levelOf(value);
  const bytes = ask(Uint8Array, Symbol.toStringTag, value);
  // Node's Buffer is the exception, and what stands for it in browsers: it is its bytes.
  if (bytes !== undefined && (level === 3 || (level === 4 && 'readUInt8' in value)))
    return copyBytes(value as Uint8Array, String(bytes), walk);
  const isBuiltIn = level === (tag === 'File' ? 3 : 2) && classOf(value)?.name === tag;
  const copy = isBuiltIn ? copyTagged(value, tag, walk) : undefined;
  if (copy === undefined) throw notOfTheSet(value, tag, walk);
  const [key] = Object.keys(value);
  if (key !== undefined) throw refusal(walk, key, added(tag));
  return copy;
}

/** Undefined: none of the set. */
function copyTagged(value: object, tag: string, walk: Walk): object | undefined {
  switch (tag) {
    case 'Date':
      count(walk, 8);
      return new Date(Date.prototype.getTime.call(value));
    case 'Map':
      return copyMap(value as Map<unknown, unknown>, walk);
    case 'Set':
      return copySet(value as Set<unknown>, walk);
    case 'ArrayBuffer':
      count(walk, Number(ask(ArrayBuffer, 'byteLength', value)));
      return new Uint8Array(new Uint8Array(value as ArrayBuffer)).buffer;
    case 'Blob':
    case 'File':
      return walk.blobs ? keepBlob(value, walk) : undefined;
    default:
      return undefined;
  }
}

/** The platform's own getter: it throws, or answers undefined, for what only calls itself one of these. */
const ask = (of: { readonly prototype: object }, key: PropertyKey, value: object): unknown =>
  Reflect.get(of.prototype, key, value);

function copyMap(value: Map<unknown, unknown>, walk: Walk): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>();
  const entries = itemsOf(
    () => Map.prototype.entries.call(value),
    () => value.entries(),
  );
  for (const [key, item] of entries) {
    count(walk, 1);
    copy.set(copyValue(key, 'keys()', walk), copyValue(item, `get(${quote(key)})`, walk));
  }
  return copy;
}

function copySet(value: Set<unknown>, walk: Walk): Set<unknown> {
  const copy = new Set<unknown>();
  const items = itemsOf(
    () => Set.prototype.values.call(value),
    () => value.values(),
  );
  for (const item of items) {
    count(walk, 1);
    copy.add(copyValue(item, 'values()', walk));
  }
  return copy;
}

/** By what the built-in itself says of it. Around one that is behind a proxy only the proxy's own method knows the way, if it has one. */
function itemsOf<Item>(builtIn: () => Iterable<Item>, behindProxy: () => Iterable<Item>): Iterable<Item> {
  try {
    return builtIn();
  } catch {
    return behindProxy();
  }
}

/** As the built-in that it is: the slice of Node's Buffer, for one, would share its memory. */
function copyBytes(value: Uint8Array, name: string, walk: Walk): unknown {
  count(walk, Number(ask(Uint8Array, 'byteLength', value)));
  const BuiltIn = (globalThis as unknown as Record<string, typeof Uint8Array>)[name] as typeof Uint8Array;
  return new BuiltIn(value);
}

/** Asked as the platform's own, which throws for what only calls itself a Blob. */
function keepBlob(value: object, walk: Walk): object {
  const { Blob } = globalThis as unknown as { readonly Blob: { readonly prototype: object } };
  count(walk, Number(ask(Blob, 'size', value)));
  return value;
}
