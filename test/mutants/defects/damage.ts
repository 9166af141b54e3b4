import type { Defect } from '../defect.ts';

/** Mistakes in reading through, in clearing, in closing, and with what cannot be read. */
export const damageDefects: readonly Defect[] = [
  {
    name: 'a batch waits for ever for a job whose row is lost',
    file: 'src/core/features/flows/ends.ts',
    replace: ['if (known === undefined) tellLost(rows, control, end);', 'if (known === undefined) return;'],
    caughtBy: ['test/unit/sqlite-store.test.ts'],
  },
  {
    name: 'a batch is over while jobs wait of which it is not known whose they are',
    file: 'src/core/features/flows/lost-jobs.ts',
    replace: ['if (row.damage !== undefined) return undefined;', 'if (row.damage !== undefined) continue;'],
    caughtBy: ['test/unit/sqlite-store.test.ts'],
  },
  {
    name: 'clear leaves whoever took the place of a cancelled head',
    file: 'src/core/operations/clear.ts',
    replace: ['first.lanes || claimed.seen > 0', 'claimed.seen > 0'],
    caughtBy: ['test/unit/seeing.test.ts'],
  },
  {
    name: 'the memory store looks at all rows for each page of them',
    file: 'src/stores/memory/memory-rows.ts',
    replace: ['this.#jobOrder ??= ordered', 'this.#jobOrder = ordered'],
    caughtBy: ['test/unit/reading-through.test.ts'],
  },
  {
    name: 'a job that comes while jobs are read through is not listed',
    file: 'src/stores/memory/memory-rows.ts',
    replace: ['    this.#jobOrder?.put(claimKey(row), row);\n', ''],
    caughtBy: ['test/unit/reading-through.test.ts'],
  },
  {
    name: 'closing a queue closes the store of another',
    file: 'src/core/queue/store-handle.ts',
    replace: ['users.size === 0 ? store.close()', 'users.size >= 0 ? store.close()'],
    caughtBy: ['conformance', 'test/unit/closing.test.ts'],
  },
  {
    name: 'an object that deleted all that it stored has no tables any more',
    file: 'src/stores/durable-object/index.ts',
    replace: ['if (isGone(error)) return', 'if (!isGone(error)) return'],
    caughtBy: ['test/workerd/delete-all.test.ts'],
  },
  {
    name: 'looking at a deleted queue makes its tables again',
    file: 'src/stores/durable-object/index.ts',
    replace: ['if (written === 0) throw', 'if (written < 0) throw'],
    caughtBy: ['test/workerd/delete-all.test.ts'],
  },
  {
    name: 'one row that the browser cannot read stops its queue',
    file: 'src/stores/indexeddb/lost-rows.ts',
    replace: ['    if (read === undefined) return false;\n', '    if (read !== null) return false;\n'],
    caughtBy: ['conformance', 'test/unit/unreadable-rows.test.ts'],
  },
  {
    name: 'a database that reads nothing buries its jobs',
    file: 'src/stores/indexeddb/lost-rows.ts',
    replace: ['if (!(await isReadable(look, read.store, lost)) &&', 'if (lost.size < 0 &&'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a row that cannot be read has lost its id and its lane',
    file: 'src/stores/indexeddb/lost-rows.ts',
    replace: ['if (row !== undefined) row[column] = key', 'if (row === null) row[column] = key'],
    caughtBy: ['conformance'],
  },
  {
    name: 'one row that SQLite cannot read stops its queue',
    file: 'src/stores/durable-object/select.ts',
    replace: ['error instanceof HoldfastError || isGone(error)', 'error !== undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a queue whose own row is lost forgets which of its jobs run',
    file: 'src/core/kernel/mend.ts',
    replace: ['    if (claimed.has(row.id)) continue;\n', ''],
    caughtBy: ['test/unit/damage.test.ts', 'test/unit/unreadable-rows.test.ts'],
  },
  {
    name: 'a queue whose own row is lost gives fences again',
    file: 'src/core/kernel/mend.ts',
    replace: ['Math.max(control.fence, control.lastNow) + FENCE_GAP', '0'],
    caughtBy: ['test/unit/damage.test.ts'],
  },
  {
    name: 'the jobs of lost leases stay with nobody',
    file: 'src/core/kernel/mend.ts',
    replace: ['if (lost.claims && !lost.control) yield*', 'if (lost.claims && lost.control) yield*'],
    caughtBy: ['test/unit/unreadable-rows.test.ts'],
  },
];
