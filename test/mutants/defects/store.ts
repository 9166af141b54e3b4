import type { Defect } from '../defect.ts';

const MEMORY = 'src/stores/memory';
const INDEXEDDB = 'src/stores/indexeddb';
const DURABLE_OBJECT = 'src/stores/durable-object';

/** Mistakes of one store in keeping and finding rows. */
export const storeDefects: readonly Defect[] = [
  {
    name: 'the memory store keeps the object that it was given',
    file: `${MEMORY}/memory-rows.ts`,
    replace: ['return { stored: value, size };', 'return { stored: value && payload, size };'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the memory store hands out its own object',
    file: `${MEMORY}/memory-rows.ts`,
    replace: ["(typeof stored === 'object' ? sealPayload(stored, { blobs: true }).value : stored)", 'stored'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the memory store lets the last of a lane go next',
    file: `${MEMORY}/memory-rows.ts`,
    replace: ['this.#waiting.get(lane)?.[0]', 'this.#waiting.get(lane)?.at(-1)'],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'the memory store forgets that a head left its lane',
    file: `${MEMORY}/memory-rows.ts`,
    replace: ['      if (lane !== undefined) this.#heads.delete(lane);\n', ''],
    caughtBy: ['simulator', 'model'],
  },
  {
    name: 'the memory store forgets who holds a key when its lane goes on',
    file: `${MEMORY}/memory-rows.ts`,
    replace: [
      '    this.#jobs.set(row.id, this.#lineOf(row).add(row));\n    this.#hold(row);\n',
      '    this.#jobs.set(row.id, this.#lineOf(row).add(row));\n',
    ],
    caughtBy: ['model'],
  },
  {
    name: 'a row that comes before others of its line is put behind them',
    file: `${MEMORY}/line.ts`,
    replace: ['this.#front.splice(this.#indexAfter(entry), 0, entry)', 'this.#front.push(entry)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'the heap forgets the second child',
    file: `${MEMORY}/heap.ts`,
    replace: ['child + 1 < items.length && this', 'child + 1 < 0 && this'],
    caughtBy: ['simulator'],
  },
  {
    name: 'keys sort by seq before due',
    file: 'src/core/logic/order.ts',
    replace: ['digits(position.due) + digits(position.seq)', 'digits(position.seq) + digits(position.due)'],
    caughtBy: ['model'],
  },
  {
    name: 'IndexedDB reads the row at low water again',
    file: `${INDEXEDDB}/indexeddb-rows.ts`,
    replace: ['prefix + positionKey(last), true)', 'prefix + positionKey(last), false)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'IndexedDB leaves a moved row at its old place',
    file: `${INDEXEDDB}/indexeddb-rows.ts`,
    replace: ['    if (was !== is) this.#store(JOBS).delete(was);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'IndexedDB takes what is still claimed between completed jobs for one of them',
    file: `${INDEXEDDB}/neighbours.ts`,
    replace: ['run === undefined || passed > from || isAlone', 'run === undefined || isAlone'],
    caughtBy: ['conformance'],
  },
  {
    name: 'IndexedDB does not see keys of parked jobs',
    file: `${INDEXEDDB}/indexeddb-rows.ts`,
    replace: ["      this.#jobs(PARKED, this.#store(PARKED).index('key'), held),\n", '      [],\n'],
    caughtBy: ['conformance', 'model'],
  },
  {
    name: 'IndexedDB keeps a promoted job in the wait of its lane',
    file: `${INDEXEDDB}/indexeddb-rows.ts`,
    replace: ['    this.#store(PARKED).delete(this.#parkedKey(row));\n', ''],
    caughtBy: ['model'],
  },
  {
    name: 'a Durable Object does not see keys of parked jobs',
    file: `${DURABLE_OBJECT}/durable-object-rows.ts`,
    replace: ["[...holders('jobs'), ...holders('parked')]", "holders('jobs')"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a Durable Object keeps a promoted job in the wait of its lane',
    file: `${DURABLE_OBJECT}/durable-object-rows.ts`,
    replace: [
      'DELETE FROM holdfast_parked WHERE k = ?',
      'DELETE FROM holdfast_parked WHERE k IS NULL AND k = ?',
    ],
    caughtBy: ['conformance'],
  },
];
