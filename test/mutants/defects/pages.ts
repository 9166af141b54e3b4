import type { Defect } from '../defect.ts';

const INDEXEDDB = 'src/stores/indexeddb';
const APP = 'test/unit/app-transactions.test.ts';

/** Mistakes with what else is in a page: libraries that add to prototypes, frames, wrapped transactions. */
export const pageDefects: readonly Defect[] = [
  {
    name: 'a row is what a library makes of its lists',
    file: `${INDEXEDDB}/codec.ts`,
    replace: ['stored.row = jsonText(', 'stored.row = JSON.stringify('],
    caughtBy: ['conformance'],
  },
  {
    name: 'a payload in a Durable Object is what a library makes of its lists',
    file: 'src/stores/durable-object/codec.ts',
    replace: ['PLAIN + jsonText(value)', 'PLAIN + JSON.stringify(value)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a toJSON of all objects is looked for at lists that have their own',
    file: 'src/core/kernel/json-text.ts',
    replace: ["'toJSON' in Array.prototype", "Object.hasOwn(Array.prototype, 'toJSON')"],
    caughtBy: ['test/unit/fake-indexeddb.test.ts'],
  },
  {
    name: 'what a setter of all objects took from a payload is not missed',
    file: 'src/core/kernel/payload.ts',
    replace: ['if (!Object.hasOwn(copy, key)) throw', 'if (!(key in copy)) throw'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a transaction of a frame is none',
    file: `${INDEXEDDB}/app-transaction.ts`,
    replace: ['return methods.every(', 'return idbtrans instanceof IDBTransaction && methods.every('],
    caughtBy: [APP],
  },
  {
    name: 'a promise in the place of a request is waited for',
    file: `${INDEXEDDB}/app-transaction.ts`,
    replace: [
      "if (!('onsuccess' in firstRequest(transaction)))",
      'if (firstRequest(transaction) === undefined)',
    ],
    caughtBy: [APP],
  },
  {
    name: "the errors of a frame's database are not told apart",
    file: `${INDEXEDDB}/request.ts`,
    replace: [
      '  names.includes(String(Object(error).name));',
      '  error instanceof DOMException && names.includes(error.name);',
    ],
    caughtBy: [APP],
  },
];
