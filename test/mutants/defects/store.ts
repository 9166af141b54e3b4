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
    replace: ['  reveal: copySealed,\n', '  reveal: (stored) => stored,\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the memory store lets the last of a lane go next',
    file: `${MEMORY}/lane-wait.ts`,
    replace: ['return this.#rows[this.#head];', 'return this.#rows.at(-1);'],
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
      '    this.#byId?.set(row.id, row);\n    this.#hold(row);\n',
      '    this.#byId?.set(row.id, row);\n',
    ],
    caughtBy: ['model'],
  },
  {
    name: 'a row that comes before others of its line is put behind them',
    file: `${MEMORY}/line.ts`,
    replace: ['front.splice(at, 0, row)', 'front.push(row)'],
    caughtBy: ['simulator'],
  },
  {
    name: 'the memory store forgets the rows that are claimed',
    file: `${MEMORY}/line.ts`,
    replace: ['      else this.#passed.set(slot.seq, slot);\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a job that came after the first look by an id is not found',
    file: `${MEMORY}/memory-rows.ts`,
    replace: ['    this.#byId?.set(row.id, row);\n', ''],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'the heap forgets the second child',
    file: `${MEMORY}/heap.ts`,
    replace: ['child + 1 < items.length && this', 'child + 1 < 0 && this'],
    caughtBy: ['simulator'],
  },
  {
    name: 'keys sort by seq before due',
    file: 'src/core/kernel/order.ts',
    replace: ['digits(position.due) + digits(position.seq)', 'digits(position.seq) + digits(position.due)'],
    caughtBy: ['model'],
  },
  {
    name: 'numbers in keys sort as texts',
    file: 'src/core/kernel/order.ts',
    replace: ['text.length.toString(36) + text', 'text'],
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
    replace: ['      this.#reader.jobs(PARKED, inParked, held),\n', '      [],\n'],
    caughtBy: ['conformance'],
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
  {
    name: 'IndexedDB leaves the records of a queue that is purged',
    file: `${INDEXEDDB}/indexeddb-rows.ts`,
    replace: ['[JOBS, PARKED, FINALS, RECORDS, UNSORTED])', '[JOBS, PARKED, FINALS, UNSORTED])'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a Durable Object leaves the records of a queue that is purged',
    file: `${DURABLE_OBJECT}/durable-object-rows.ts`,
    replace: ["'queue = ? LIMIT ?', this.queue, left)", "'queue = ? LIMIT ?', '', left)"],
    caughtBy: ['conformance'],
  },
  {
    name: 'a Durable Object mixes rows with a lane and without in one statement',
    file: `${DURABLE_OBJECT}/job-inserts.ts`,
    replace: ['width !== this.#width || this.#values', 'this.#values'],
    caughtBy: ['test/workerd/job-rows.test.ts'],
  },
  {
    name: 'a Durable Object leaves out when a delayed job runs',
    file: `${DURABLE_OBJECT}/row-text.ts`,
    replace: ['runAt: job.runAt === job.enqueuedAt ? undefined : job.runAt,', 'runAt: undefined,'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a Durable Object overwrites a page of the order in which jobs are forgotten when it splits',
    file: `${DURABLE_OBJECT}/forget-order.ts`,
    replace: ['from === 0 && old !== undefined ? old', 'old !== undefined ? old'],
    caughtBy: ['test/workerd/forget-order.test.ts'],
  },
  {
    name: 'a Durable Object tears the order in which jobs are forgotten from those that it is of',
    file: `${DURABLE_OBJECT}/forget-order.ts`,
    replace: [
      'new Map<string, string | undefined>([...entries, ...changes])',
      'new Map<string, string | undefined>([...changes, ...entries])',
    ],
    caughtBy: ['test/workerd/forget-order.test.ts'],
  },
  {
    name: 'a Durable Object refuses all enqueues of a commit for one of them',
    file: `${DURABLE_OBJECT}/enqueue-group.ts`,
    replace: [
      'else for (const waiting of group) this.#commit([waiting]);',
      'else for (const { refuse } of group) refuse(error);',
    ],
    caughtBy: ['test/workerd/enqueue-group.test.ts'],
  },
  {
    name: 'a Durable Object answers each enqueue of a commit as the first',
    file: `${DURABLE_OBJECT}/enqueue-group.ts`,
    replace: ['accept(answers[i])', 'accept(answers[i - i])'],
    caughtBy: ['test/workerd/enqueue-group.test.ts'],
  },
  {
    name: 'the spare row is looked for once and never again',
    file: `${INDEXEDDB}/scopes.ts`,
    replace: ['= SPARE_EVERY - 1;', '= Number.MAX_SAFE_INTEGER;'],
    caughtBy: ['test/unit/scopes.test.ts'],
  },
  {
    name: 'an exchange that needs more stores than it asked for fails',
    file: `${INDEXEDDB}/scopes.ts`,
    replace: ["!isNamed(error, 'NotFoundError')", "isNamed(error, 'NotFoundError')"],
    caughtBy: ['test/unit/scopes.test.ts'],
  },
  {
    name: 'only the first of two exchanges that need more stores is made again',
    file: `${INDEXEDDB}/scopes.ts`,
    replace: [
      '    this.#wide.add(kind);\n    return true;',
      '    const first = !this.#wide.has(kind);\n    this.#wide.add(kind);\n    return first;',
    ],
    caughtBy: ['test/unit/scopes.test.ts'],
  },
  {
    name: 'IndexedDB answers before it has committed',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['      await done;\n      ride?.arrived();', '      ride?.arrived();'],
    caughtBy: ['test/unit/connection.test.ts'],
  },
];
