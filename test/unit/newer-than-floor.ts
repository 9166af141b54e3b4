/**
 * Takes away every built-in that came to one of the oldest browsers of docs/browsers.md later: Chrome after 100, Safari after 15.4, Firefox
 * after 97. Stands alone, so that it can be sent to a page or another process as a text.
 * @param keep names that something else in this process needs
 */
export function removeNewer(keep: readonly string[] = []): void {
  const all = globalThis as unknown as Record<string, unknown>;
  const remove = (owner: unknown, ...names: readonly PropertyKey[]): void => {
    if (owner === undefined || owner === null) return;
    for (const name of names) if (!keep.includes(String(name))) Reflect.deleteProperty(owner as object, name);
  };
  const prototypeOf = (name: string): unknown =>
    (all[name] as { prototype?: unknown } | undefined)?.prototype;
  const changing = [
    'findLast',
    'findLastIndex',
    'toReversed',
    'toSorted',
    'toSpliced',
    'with',
    'group',
    'groupToMap',
  ];
  remove(Array, 'fromAsync');
  remove(Array.prototype, ...changing);
  remove(Object.getPrototypeOf(Uint8Array.prototype), ...changing);
  remove(Uint8Array, 'fromBase64', 'fromHex');
  remove(Uint8Array.prototype, 'toBase64', 'toHex', 'setFromBase64', 'setFromHex');
  remove(Object, 'groupBy');
  remove(Map, 'groupBy');
  for (const name of ['Map', 'WeakMap']) remove(prototypeOf(name), 'getOrInsert', 'getOrInsertComputed');
  remove(Promise, 'withResolvers', 'try');
  remove(
    Set.prototype,
    ...['union', 'intersection', 'difference', 'symmetricDifference'],
    ...['isSubsetOf', 'isSupersetOf', 'isDisjointFrom'],
  );
  const iterator = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object;
  remove(
    iterator,
    ...['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach', 'some', 'every', 'find'],
  );
  remove(String.prototype, 'isWellFormed', 'toWellFormed');
  remove(RegExp, 'escape');
  remove(Error, 'isError');
  remove(Math, 'f16round', 'sumPrecise');
  remove(JSON, 'rawJSON', 'isRawJSON');
  remove(Intl, 'Segmenter', 'DurationFormat');
  for (const name of ['ArrayBuffer', 'SharedArrayBuffer'])
    remove(
      prototypeOf(name),
      ...[
        'transfer',
        'transferToFixedLength',
        'resize',
        'resizable',
        'maxByteLength',
        'detached',
        'grow',
        'growable',
      ],
    );
  remove(all.Atomics, 'waitAsync', 'pause');
  remove(all.AbortSignal, 'timeout', 'any');
  remove(all.URL, 'canParse', 'parse');
  remove(prototypeOf('URLSearchParams'), 'size');
  remove(all.Response, 'json');
  remove(all.ReadableStream, 'from');
  remove(prototypeOf('ReadableStream'), Symbol.asyncIterator, 'values');
  for (const name of ['Blob', 'Request', 'Response']) remove(prototypeOf(name), 'bytes', 'textStream');
  remove(
    all,
    'Iterator',
    'Float16Array',
    'Temporal',
    'SuppressedError',
    'DisposableStack',
    'AsyncDisposableStack',
  );
  remove(all, 'scheduler', 'navigation', 'URLPattern', 'CookieStore', 'cookieStore', 'AsyncContext');
  // These cannot be deleted: another function stands in the place of the one that has them.
  const { dispose: _, asyncDispose: __, prototype, ...others } = Object.getOwnPropertyDescriptors(Symbol);
  const newest = Symbol;
  const older = (description?: string) => newest(description);
  Object.defineProperties(older, { ...others, prototype: { value: prototype.value } });
  Object.defineProperty(globalThis, 'Symbol', { value: older, configurable: true, writable: true });
}
