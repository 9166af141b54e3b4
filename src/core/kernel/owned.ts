/** A copy of plain data: objects and arrays, however deep. Anything else in it is the same. */
export function owned<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(owned) as T;
  return Object.fromEntries(Object.entries(value).map(([field, each]) => [field, owned(each)])) as T;
}
