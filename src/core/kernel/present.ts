/** The fields that say something: those that are undefined are left out. */
export function present<T extends object>(fields: { readonly [Field in keyof T]: T[Field] | undefined }): T {
  const said: Partial<T> = {};
  for (const field in fields) if (fields[field] !== undefined) said[field] = fields[field];
  return said as T;
}

/** Undefined: it is empty. */
export const someOf = <Item>(list: readonly Item[]): readonly Item[] | undefined =>
  list.length === 0 ? undefined : list;
