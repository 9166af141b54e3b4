/** Where the last item is that matches, else -1. By hand: browsers before 2022 have no `findLastIndex`. */
export function lastIndex<Item>(items: readonly Item[], matches: (item: Item) => boolean): number {
  let i = items.length - 1;
  while (i >= 0 && !matches(items[i] as Item)) i -= 1;
  return i;
}
