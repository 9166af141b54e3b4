import type { Defect } from '../defect.ts';

const SEAL = 'src/core/kernel/payload.ts';
const WALK = 'src/core/kernel/payload-walk.ts';
const REALMS = 'test/unit/payload-realms.test.ts';
const MOMENTS = 'test/unit/payload-moments.test.ts';

/** Mistakes in what is accepted as a payload, and in when it is copied. */
export const payloadDefects: readonly Defect[] = [
  {
    name: 'a Date of another realm is no Date',
    file: SEAL,
    replace: ["case 'Date':\n", "case 'Date':\n      if (!(value instanceof Date)) return undefined;\n"],
    caughtBy: [REALMS],
  },
  {
    name: 'plain objects of another realm are those of a class',
    file: SEAL,
    replace: [
      "return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');",
      'return false;',
    ],
    caughtBy: [REALMS],
  },
  {
    name: 'what an object inherits is lost',
    file: SEAL,
    replace: [" && Object.hasOwn(prototype, 'isPrototypeOf');", ';'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a proxy that has no prototype is plain, whatever it stands for',
    file: SEAL,
    replace: [
      'if (prototype === null) return classOf(value) === undefined;',
      'if (prototype === null) return true;',
    ],
    caughtBy: ['test/unit/payload-frameworks.test.ts'],
  },
  {
    name: 'values under symbols are lost',
    file: WALK,
    replace: [
      "if (property?.enumerable && typeof property.value !== 'function')",
      'if (property === undefined)',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'what was added to an array is lost',
    file: SEAL,
    replace: ["if (i >= length || String(i) !== key) throw refusal(walk, key, added('Array'));", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'the holes of an array are filled',
    file: SEAL,
    replace: ['if (Object.values(value).length !== length) return copySparse(value, length, walk);', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'what was added to a Map or a Date is lost',
    file: SEAL,
    replace: ['if (key !== undefined) throw refusal(walk, key, added(tag));', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'an array of a class comes back as an array',
    file: SEAL,
    replace: [
      'Object.getPrototypeOf(value) !== Array.prototype && levelOf(value) !== 2',
      'levelOf(value) < 0',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a Map of a class comes back as a Map',
    file: SEAL,
    replace: ["level === (tag === 'File' ? 3 : 2) && classOf(value)?.name === tag", 'level > 0'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a Map behind a proxy is read as the proxy does not know it',
    file: SEAL,
    replace: ['    return behindProxy();\n', '    return [];\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'bytes are counted as they say of themselves',
    file: SEAL,
    replace: ["Number(ask(Uint8Array, 'byteLength', value))", 'value.byteLength'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a refusal does not say where a getter threw',
    file: SEAL,
    replace: ['throw refusal(walk, walk.key, `cannot', 'throw refusal(walk, undefined, `cannot'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a text may be of any size',
    file: SEAL,
    replace: ['    count(walk, 0); // Texts and numbers were only added.\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'the items of a generator are copied when their chunk is full',
    file: 'src/core/operations/bulk.ts',
    replace: ['return () => copy;', 'return () => this.#host.copy(item, index) ?? copy;'],
    caughtBy: [MOMENTS],
  },
  {
    name: 'a list that is enqueued chunk by chunk is read as it goes',
    file: 'src/core/operations/bulk.ts',
    replace: ['Array.isArray(items) ? this.#takeAll(items) : this.#takeEach(items)', 'this.#takeEach(items)'],
    caughtBy: [MOMENTS],
  },
  {
    name: 'a schema is given the payload that is stored',
    file: 'src/core/features/schema/check-payload.ts',
    replace: ['validate(value);\n    if (isPromise', 'validate(payload ?? value);\n    if (isPromise'],
    caughtBy: [MOMENTS],
  },
  {
    name: 'middleware waits with the list of dependencies that was given',
    file: 'src/core/queue/option-table.ts',
    replace: ["if (typeof value === 'object')", "if (typeof value === 'object' && option !== 'dependsOn')"],
    caughtBy: [MOMENTS],
  },
];
