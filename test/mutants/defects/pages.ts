import type { Defect } from '../defect.ts';

const INDEXEDDB = 'src/stores/indexeddb';

/** Mistakes with what else is in a page: libraries that add to prototypes. */
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
    file: 'src/core/logic/json-text.ts',
    replace: ["'toJSON' in Array.prototype", "Object.hasOwn(Array.prototype, 'toJSON')"],
    caughtBy: ['test/unit/fake-indexeddb.test.ts'],
  },
  {
    name: 'what a setter of all objects took from a payload is not missed',
    file: 'src/core/payload.ts',
    replace: ['if (Object.keys(copy).length !== keys.length)', 'if (Object.keys(copy).length > keys.length)'],
    caughtBy: ['conformance'],
  },
];
