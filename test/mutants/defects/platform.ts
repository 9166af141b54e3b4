import type { Defect } from '../defect.ts';

const INDEXEDDB = 'src/stores/indexeddb';

/** Mistakes with what a browser brings, keeps back or freezes. */
export const platformDefects: readonly Defect[] = [
  {
    name: 'who looks whether a worker lives asks for its lock whole: a frozen watcher hides the end',
    file: `${INDEXEDDB}/sign-of-life.ts`,
    replace: ["{ mode: 'shared', ifAvailable: true }", '{ ifAvailable: true }'],
    caughtBy: ['test/unit/hints.test.ts'],
  },
  {
    name: 'a page that becomes hidden looks for work',
    file: `${INDEXEDDB}/hints.ts`,
    replace: ["document?.visibilityState === 'hidden'", "document?.visibilityState === 'gone'"],
    caughtBy: ['test/unit/hints.test.ts'],
  },
  {
    name: 'a browser that forbids IndexedDB is asked again and again',
    file: `${INDEXEDDB}/connection.ts`,
    replace: [
      '    throw forbidden(cause);\n  }\n  return opening;',
      '    throw unopened(given[0], new Error());\n  }\n  return opening;',
    ],
    caughtBy: ['test/unit/server-side.test.ts'],
  },
  {
    name: 'a worker goes on asking a database that is of a newer version',
    file: 'src/core/runtime/refusal.ts',
    replace: ["['StoreUnavailable', 'StoreOutdated']", "['StoreUnavailable']"],
    caughtBy: ['test/unit/outdated.test.ts'],
  },
];
