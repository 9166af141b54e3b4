const NONE: readonly never[] = [];

/** Names of features, each once and in order: the first list itself where it has them all. */
export function union(
  some: readonly string[] | undefined = NONE,
  others: readonly string[],
): readonly string[] {
  return others.every((one) => some.includes(one)) ? some : [...new Set([...some, ...others])].sort();
}
