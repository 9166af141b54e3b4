import { PayloadError, quote } from './errors.ts';

/** Deeper nesting than this is refused: every walk over a payload stays far from the end of the stack. */
const MAX_DEPTH = 500;
/** No call takes more; without it, objects that share others would take a time that doubles with each. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A payload after checking: a copy that aliases nothing of the input. */
export interface Sealed {
  readonly value: unknown;
  /** Estimated bytes: the length of its JSON text, or of its binary. */
  readonly size: number;
  /** JSON.parse(JSON.stringify(value)) gives the same value. */
  readonly plain: boolean;
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
  const copy =
    typeof value === 'object'
      ? guarded(() => copyValue(value, 'payload', walk))
      : copyValue(value, 'payload', walk);
  return { value: copy, size: walk.size, plain: walk.plain && value !== undefined };
}

function copyValue(value: unknown, path: string, walk: Walk): unknown {
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
      walk.size += 8;
      walk.plain = false;
      return value;
    case 'object':
      return value === null ? value : copyObject(value, path, walk);
    default:
      throw new PayloadError(path, `is a ${typeof value}: it cannot be stored`);
  }
}

/** What user code throws from a getter is the payload's fault. */
function guarded(copy: () => unknown): unknown {
  try {
    return copy();
  } catch (error) {
    if (error instanceof PayloadError) throw error;
    throw new PayloadError(
      'payload',
      `cannot be read: ${error instanceof Error ? error.message : 'something was thrown'}`,
    );
  }
}

function copyObject(value: object, path: string, walk: Walk): unknown {
  if (walk.trail.includes(value))
    throw new PayloadError(path, 'refers back to an object that contains it: cycles cannot be stored');
  if (walk.trail.length >= MAX_DEPTH)
    throw new PayloadError(`${path.slice(0, 80)}…`, `is nested more than ${MAX_DEPTH} deep`);
  walk.size += 2;
  if (walk.size > MAX_BYTES) throw new PayloadError('payload', `is larger than ${MAX_BYTES} bytes`);
  walk.trail.push(value);
  const copy = copyKind(value, path, walk);
  walk.trail.pop();
  return copy;
}

function copyKind(value: object, path: string, walk: Walk): unknown {
  if (Array.isArray(value)) return Array.from(value, (item, i) => copyValue(item, `${path}[${i}]`, walk));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) walk.plain = false;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Object' && (prototype === null || !('constructor' in value) || isPlain(prototype)))
    return copyProperties(value, path, walk);
  walk.plain = false;
  return copyBuiltIn(value, tag, path, walk);
}

/** Object.prototype of this realm or of another (a frame, a worker's message). */
const isPlain = (prototype: unknown): boolean =>
  prototype !== null && Object.getPrototypeOf(prototype) === null;

function copyProperties(value: object, path: string, walk: Walk): object {
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    walk.size += key.length + 3;
    const kept = copyValue(item, `${path}.${key}`, walk);
    // Assigning to __proto__ would set the prototype of the copy.
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: kept, enumerable: true, writable: true, configurable: true });
    else copy[key] = kept;
  }
  return copy;
}

function copyBuiltIn(value: object, tag: string, path: string, walk: Walk): unknown {
  if (isTypedArray(value)) return copyBytes(value, walk);
  if ((tag === 'Blob' || tag === 'File') && walk.blobs) return keepBlob(value as { size: number }, walk);
  // A class of one's own that extends these would come back as what it extends.
  if (className(value, tag) === tag) {
    if (value instanceof Date) return copyDate(value, walk);
    if (value instanceof Map) return copyMap(value, path, walk);
    if (value instanceof Set)
      return new Set(Array.from(value, (item) => copyValue(item, `${path} item`, walk)));
    if (value instanceof ArrayBuffer) return value.slice(0, count(walk, value.byteLength));
  }
  throw new PayloadError(path, `is a ${className(value, tag)}: ${refusal(tag)}`);
}

function copyMap(value: ReadonlyMap<unknown, unknown>, path: string, walk: Walk): Map<unknown, unknown> {
  return new Map(
    Array.from(value, ([key, item]) => [
      copyValue(key, `${path} key`, walk),
      copyValue(item, `${path}.get(${quote(key)})`, walk),
    ]),
  );
}

/** As the built-in that it is: the slice of Node's Buffer, for one, would share its memory. */
function copyBytes(value: Uint8Array, walk: Walk): unknown {
  count(walk, value.byteLength);
  const name = Object.prototype.toString.call(value).slice(8, -1);
  const BuiltIn = (globalThis as unknown as Record<string, typeof Uint8Array>)[name] as typeof Uint8Array;
  return new BuiltIn(value);
}

function keepBlob(value: { size: number }, walk: Walk): unknown {
  count(walk, value.size);
  return value;
}

function copyDate(value: Date, walk: Walk): Date {
  count(walk, 8);
  return new Date(value);
}

function count(walk: Walk, bytes: number): number {
  walk.size += bytes;
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
