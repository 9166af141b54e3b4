/** One thing that a platform keeps back, as a function that stands alone: it is carried out in a page before anything else is. */
export interface BrokenPlatform {
  readonly name: string;
  readonly break: () => void;
  /** The imitation of IndexedDB in Node needs it. */
  readonly pageOnly?: true;
}

/** Whatever a browser, a privacy setting or a sandbox may keep back, missing or throwing, at once or later. */
export const brokenPlatforms: readonly BrokenPlatform[] = [
  { name: 'no BroadcastChannel', break: () => put('BroadcastChannel', undefined) },
  { name: 'a BroadcastChannel that cannot be made', break: () => put('BroadcastChannel', refusing()) },
  {
    name: 'a BroadcastChannel that fails whenever it is used',
    break: () =>
      put(
        'BroadcastChannel',
        class {
          set onmessage(_: unknown) {
            throw insecure();
          }
          postMessage() {
            throw insecure();
          }
          close() {
            throw insecure();
          }
        },
      ),
  },
  { name: 'no navigator', break: () => put('navigator', undefined) },
  { name: 'a navigator without locks and storage', break: () => put('navigator', { onLine: true }) },
  {
    name: 'locks that may not be looked at',
    break: () =>
      put('navigator', {
        get locks() {
          throw insecure();
        },
      }),
  },
  {
    name: 'locks that throw',
    break: () =>
      put('navigator', {
        locks: {
          request() {
            throw insecure();
          },
        },
      }),
  },
  {
    name: 'locks that are refused',
    break: () => put('navigator', { locks: { request: () => Promise.reject(insecure()) } }),
  },
  { name: 'no events of a page', break: () => put('addEventListener', undefined) },
  {
    name: 'events of a page that throw',
    break: () => {
      for (const name of ['addEventListener', 'removeEventListener'])
        put(name, () => {
          throw insecure();
        });
    },
  },
  { name: 'no crypto', break: () => put('crypto', undefined) },
  {
    name: 'a crypto that throws',
    break: () =>
      put('crypto', {
        getRandomValues() {
          throw insecure();
        },
      }),
  },
  { name: 'no MessageChannel', break: () => put('MessageChannel', undefined) },
  { name: 'a MessageChannel that cannot be made', break: () => put('MessageChannel', refusing()) },
  {
    name: 'a MessageChannel that fails when it is used',
    break: () =>
      put(
        'MessageChannel',
        class {
          port1 = { close: () => undefined };
          port2 = {
            postMessage() {
              throw insecure();
            },
          };
        },
      ),
  },
  { name: 'no queueMicrotask', break: () => put('queueMicrotask', undefined), pageOnly: true },
  { name: 'no structuredClone', break: () => put('structuredClone', undefined), pageOnly: true },
  { name: 'no performance', break: () => put('performance', undefined), pageOnly: true },
  {
    name: 'no Blob and no File',
    break: () => ['Blob', 'File'].forEach((name) => void put(name, undefined)),
    pageOnly: true,
  },
  { name: 'no WeakRef', break: () => put('WeakRef', undefined), pageOnly: true },
  {
    name: 'no AbortSignal.timeout and .any',
    break: () => Object.assign(AbortSignal, { timeout: undefined, any: undefined }),
    pageOnly: true,
  },
];

/** What the functions above call: sent along with each of them. */
export function put(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

export function insecure(): DOMException {
  return new DOMException('The operation is insecure.', 'SecurityError');
}

export function refusing(): unknown {
  return class {
    constructor() {
      throw insecure();
    }
  };
}
