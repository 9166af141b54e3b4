/** Characters of a payload that are shown: more is no reading. */
const MOST = 20_000;
const DEEPEST = 12;
const INDENT = '  ';

/** A value as text, for reading: JSON where it is JSON, and words for what is not. Never HTML: it is shown as text. Bounded. */
export function valueText(value: unknown): string {
  const text = write(value, '', 0);
  return text.length > MOST ? `${text.slice(0, MOST)}\n… ${text.length - MOST} more characters` : text;
}

function write(value: unknown, indent: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : writeObject(value, indent, depth);
    default:
      return String(value);
  }
}

function writeObject(value: object, indent: string, depth: number): string {
  if (depth >= DEEPEST) return '…';
  const inner = indent + INDENT;
  const one = (item: unknown) => write(item, inner, depth + 1);
  if (Array.isArray(value)) return list('[', value.map(one), ']', indent);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Map)
    return list(
      'Map {',
      [...value].map(([key, item]) => `${one(key)} => ${one(item)}`),
      '}',
      indent,
    );
  if (value instanceof Set) return list('Set {', [...value].map(one), '}', indent);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof ArrayBuffer) return `ArrayBuffer (${value.byteLength} bytes)`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} (${value.byteLength} bytes)`;
  if (typeof Blob === 'function' && value instanceof Blob)
    return `Blob (${value.type || 'no type'}, ${value.size} bytes)`;
  return list(
    '{',
    Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${one(item)}`),
    '}',
    indent,
  );
}

function list(open: string, items: readonly string[], close: string, indent: string): string {
  if (items.length === 0) return open + close;
  const lines = items.map((item) => `\n${indent}${INDENT}${item}`).join(',');
  return `${open}${lines}\n${indent}${close}`;
}

/** Whether JSON says all of it, so that it can be edited as JSON. */
export function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isJson);
  const proto = Object.getPrototypeOf(value);
  return (proto === null || Object.getPrototypeOf(proto) === null) && Object.values(value).every(isJson);
}
