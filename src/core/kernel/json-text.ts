/**
 * The JSON text of plain data that is our own, or a checked copy: exactly that data. `JSON.stringify` would call a `toJSON` that a library
 * has put on the prototypes of lists or objects (Prototype.js before 1.7 does), and store what that returns.
 *
 * @example
 * const text = jsonText({ tags: ['a', 'b'] }); // '{"tags":["a","b"]}', whatever page this is
 */
export function jsonText(value: unknown): string {
  return JSON.stringify('toJSON' in Array.prototype ? withoutPrototypes(value) : value);
}

/** A copy that inherits nothing: there is no `toJSON` to be found. */
function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.setPrototypeOf(Array.isArray(value) ? [] : {}, null);
  for (const [key, item] of Object.entries(value)) copy[key] = withoutPrototypes(item);
  return copy;
}
