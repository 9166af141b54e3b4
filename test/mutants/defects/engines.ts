import type { Defect } from '../defect.ts';

const INDEXEDDB = 'src/stores/indexeddb';

/** Mistakes about what browsers do with a write that fails, and what nobody but the engine itself sees. */
export const engineDefects: readonly Defect[] = [
  {
    name: 'a claim that goes with an enqueue is lost when both fail',
    file: `${INDEXEDDB}/rides.ts`,
    replace: ['      else rider.missed();\n', ''],
    caughtBy: ['test/unit/shared-transactions.test.ts'],
  },
  {
    name: 'what was claimed with an enqueue is claimed again without a word when its answer is lost',
    file: `${INDEXEDDB}/rides.ts`,
    replace: ['if (wasSent) rider.failed(error);', 'if (wasSent) rider.missed();'],
    caughtBy: ['test/unit/shared-transactions.test.ts'],
  },
  {
    name: 'an enqueue fails when the claim does that goes with it',
    file: `${INDEXEDDB}/rides.ts`,
    replace: ['    return isAnother;', '    return false;'],
    caughtBy: ['test/unit/shared-transactions.test.ts'],
  },
  {
    name: 'a worker begins jobs that it claimed with an enqueue before both are stored',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['      ride?.sent();\n', '      ride?.sent();\n      ride?.arrived();\n'],
    caughtBy: ['test/unit/shared-transactions.test.ts'],
  },
  {
    name: 'a worker that sleeps claims in a transaction of its own',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['const ride = this.#rides.of(queue);', 'const ride = undefined as Ride | undefined;'],
    caughtBy: ['test/unit/shared-transactions.test.ts'],
  },
  {
    name: 'a transaction commits before the Blobs in it are written',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['      await blobs.answered();\n      transaction.commit();', '      transaction.commit();'],
    caughtBy: ['test/unit/blobs.test.ts'],
  },
  {
    name: 'a Blob is written before the browser is known to hold any',
    file: `${INDEXEDDB}/blob-writes.ts`,
    replace: ['if (path !== undefined && !this.#areHeld)', "if (path !== undefined && path === '')"],
    caughtBy: ['test/unit/blobs.test.ts'],
  },
  {
    name: 'a transaction that completes counts as written, whatever failed in it',
    file: `${INDEXEDDB}/request.ts`,
    replace: ['    failure ??= error;\n', '    failure = null;\n'],
    caughtBy: ['test/unit/blobs.test.ts'],
  },
  {
    name: 'nobody asks before a transaction of the app whether its payload can be kept',
    file: 'src/core/operations/prepare.ts',
    replace: ['  await local.store.checkPayload?.(spec.payload);\n', ''],
    caughtBy: ['test/unit/blobs.test.ts'],
  },
  {
    name: 'the memory store keeps the payload of a cancelled job until it would have been due',
    file: 'src/stores/memory/line.ts',
    replace: ['this.#heap.push({ due: row.due, seq: row.seq })', 'this.#heap.push(row)'],
    caughtBy: ['test/unit/memory-line.test.ts'],
  },
];
