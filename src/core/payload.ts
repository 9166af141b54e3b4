import { messageOf, PayloadError, quote } from './errors.ts';
import type { Measured } from './messages.ts';

/** Deeper nesting than this is refused: every walk over a payload stays far from the end of the stack. */
const MAX_DEPTH = 500;
/** No call takes more; without it, objects that share others would take a time that doubles with each. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A payload after checking: a copy that aliases nothing of the input. */
export interface Sealed extends Measured {
  readonly value: unknown;
}

export interface PayloadRules {
  /** Blob and File are kept (they are immutable, so they are not copied). */
  readonly blobs: boolean;
}

interface Walk extends PayloadRules {
  size: number;
  plain: boolean;
  /** Objects on the way from the root, to refuse cycles. */
  readonly trail: object[];
}

/**
 * Checks that a value is of the payload set (JSON, undefined, NaN, -0, infinities, bigint, Date, Map, Set, ArrayBuffer, typed
 * arrays, and Blob and File where the store holds them) and copies it. Throws PayloadError with the path of what is not.
 * An object met twice becomes two. Symbol keys and non-enumerable properties are not kept.
 */
export function sealPayload(value: unknown, rules: PayloadRules): Sealed {
  const walk: Walk = { ...rules, size: 0, plain: true, trail: [] };
  const copy = guarded(value, walk);
  return { value: copy, size: walk.size, plain: walk.plain && value !== undefined };
}

/** A copy of what `sealPayload` has answered: all in it can be stored, so nothing is checked. */
export function copySealed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copySealed);
  if (Object.getPrototypeOf(value) !== Object.prototype) return sealPayload(value, { blobs: true }).value;
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === 'object') copy[key] = copySealed(item);
  }
  return copy;
}

/** `path` is the parent's, `key` where in that: paths are put together only for what has parts or is refused. */
function copyValue(value: unknown, path: string, key: string | number | undefined, walk: Walk): unknown {
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
    case 'undefined':
      walk.plain = false;
      return value;
    case 'bigint':
      walk.size += 8 + value.toString(16).length;
      walk.plain = false;
      return value;
    case 'object':
      return value === null ? value : copyObject(value, pathTo(path, key), walk);
    default:
      throw new PayloadError(pathTo(path, key), `is a ${typeof value}: it cannot be stored`);
  }
}

function pathTo(parent: string, key: string | number | undefined): string {
  if (key === undefined) return parent;
  return typeof key === 'number' ? `${parent}[${key}]` : `${parent}.${key}`;
}

/** What user code throws from a getter is the payload's fault. */
function guarded(value: unknown, walk: Walk): unknown {
  try {
    return copyValue(value, 'payload', undefined, walk);
  } catch (error) {
    if (isOwn(error)) throw error;
    throw new PayloadError('payload', `cannot be read: ${messageOf(error).slice(0, 200)}`);
  }
}

function isOwn(error: unknown): error is PayloadError {
  try {
    return error instanceof PayloadError;
  } catch {
    return false; // A revoked proxy was thrown.
  }
}

function copyObject(value: object, path: string, walk: Walk): unknown {
  if (walk.trail.includes(value))
    throw new PayloadError(path, 'refers back to an object that contains it: cycles cannot be stored');
  if (walk.trail.length >= MAX_DEPTH)
    throw new PayloadError(`${path.slice(0, 80)}…`, `is nested more than ${MAX_DEPTH} deep`);
  count(walk, 2);
  walk.trail.push(value);
  const copy = copyKind(value, path, walk);
  walk.trail.pop();
  return copy;
}

function copyKind(value: object, path: string, walk: Walk): unknown {
  if (Array.isArray(value)) return copyArray(value, path, walk);
  const prototype: unknown = Object.getPrototypeOf(value);
  // Almost all of them.
  if (prototype === Object.prototype && !(Symbol.toStringTag in value))
    return copyProperties(value, path, walk);
  if (prototype === null) walk.plain = false;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Object' && (prototype === null || !('constructor' in value) || isPlain(prototype)))
    return copyProperties(value, path, walk);
  walk.plain = false;
  return copyBuiltIn(value, tag, path, walk);
}

/** By its length, which it may only claim to have: holes become undefined, as a store's copy would have them. */
function copyArray(value: readonly unknown[], path: string, walk: Walk): unknown[] {
  const { length } = value;
  count(walk, length);
  const copy: unknown[] = [];
  for (let i = 0; i < length; i++) copy.push(copyValue(value[i], path, i, walk));
  return copy;
}

/** Object.prototype of this realm or of another (a frame, a worker's message). */
const isPlain = (prototype: unknown): boolean =>
  prototype !== null && Object.getPrototypeOf(prototype) === null;

function copyProperties(value: object, path: string, walk: Walk): object {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    walk.size += key.length + 3;
    const kept = copyValue((value as Record<string, unknown>)[key], path, key, walk);
    // Assigning to __proto__ would set the prototype of the copy.
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: kept, enumerable: true, writable: true, configurable: true });
    else copy[key] = kept;
  }
  return copy;
}

function copyBuiltIn(value: object, tag: string, path: string, walk: Walk): unknown {
  if (isTypedArray(value)) return copyBytes(value, walk);
  if ((tag === 'Blob' || tag === 'File') && walk.blobs) return keepBlob(value, walk);
  // A class of one's own that extends these would come back as what it extends.
  if (className(value, tag) === tag) {
    if (value instanceof Date) return copyDate(value, walk);
    if (value instanceof Map) return copyMap(value, path, walk);
    if (value instanceof Set) return copySet(value, path, walk);
    if (value instanceof ArrayBuffer) return value.slice(0, count(walk, value.byteLength));
  }
  throw new PayloadError(path, `is a ${className(value, tag)}: ${refusal(tag)}`);
}

/** By what Set and Map themselves say of it: an iterator of its own could go on for ever. */
function copySet(value: ReadonlySet<unknown>, path: string, walk: Walk): Set<unknown> {
  const items = Set.prototype.values.call(value);
  return new Set(Array.from(items, (item) => copyValue(item, `${path} item`, undefined, walk)));
}

function copyMap(value: ReadonlyMap<unknown, unknown>, path: string, walk: Walk): Map<unknown, unknown> {
  const entries = Map.prototype.entries.call(value);
  return new Map(
    Array.from(entries, ([key, item]) => [
      copyValue(key, `${path} key`, undefined, walk),
      copyValue(item, path, `get(${quote(key)})`, walk),
    ]),
  );
}

/** As the built-in that it is: the slice of Node's Buffer, for one, would share its memory. */
function copyBytes(value: Uint8Array, walk: Walk): unknown {
  count(walk, value.byteLength);
  const name = kindOfBytes(value);
  const BuiltIn = (globalThis as unknown as Record<string, typeof Uint8Array>)[name] as typeof Uint8Array;
  return new BuiltIn(value);
}

/** Not what the value calls itself: that could name any constructor there is. */
function kindOfBytes(value: Uint8Array): string {
  const tag = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
  );
  return String(tag?.get?.call(value));
}

/** Asked as the platform's own, which throws for what only calls itself a Blob. */
function keepBlob(value: object, walk: Walk): unknown {
  const { Blob } = globalThis as unknown as { readonly Blob: { readonly prototype: object } };
  const size = Object.getOwnPropertyDescriptor(Blob.prototype, 'size');
  count(walk, Number(size?.get?.call(value)));
  return value;
}

function copyDate(value: Date, walk: Walk): Date {
  count(walk, 8);
  return new Date(value);
}

function count(walk: Walk, bytes: number): number {
  walk.size += bytes;
  if (walk.size > MAX_BYTES) throw new PayloadError('payload', `is larger than ${MAX_BYTES} bytes`);
  return bytes;
}

const isTypedArray = (value: object): value is Uint8Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

function className(value: object, tag: string): string {
  const made: unknown = value.constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : tag;
}

const refusal = (tag: string): string =>
  tag === 'Blob' || tag === 'File'
    ? 'this store cannot hold it; store its arrayBuffer() instead'
    : 'only plain objects, arrays, Date, Map, Set, ArrayBuffer and typed arrays can be stored';
