import { clear, count, createQueue, defineJobs, exportJobs, job, memoryStore, purge } from 'holdfast';
import { describe, expect, it } from 'vitest';
import type { FinalRow, JobRow } from '../../src/core/kernel/job-row.ts';
import { claimKey, finalKey, laneKey, laneOf } from '../../src/core/kernel/order.ts';
import { MemoryRows } from '../../src/stores/memory/memory-rows.ts';
import { ordered } from '../../src/stores/memory/ordered.ts';
import { specs, T } from '../../src/testing/conformance/spec.ts';
import { countedStore } from '../../src/testing/counted-store.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';

const PAGE = 100;
const MANY = 200_000;

/** Rows that count how often they are looked at: each key of one is made of its seq. */
function watchedRows(count: number, lane?: string) {
  const watch = { looks: 0 };
  const plain = { name: 'job', version: 1, rank: 0, due: 0, failures: 0, crashes: 0, errors: [], size: 0 };
  const rows = Array.from({ length: count }, (_, i): JobRow => {
    const row = { ...plain, id: `${i}`, enqueuedAt: T, runAt: T, payload: null, ...(lane ? { lane } : {}) };
    const look = () => {
      watch.looks += 1;
      return i + 1;
    };
    const seq = { get: look, enumerable: true };
    return Object.defineProperty(row, 'seq', seq) as unknown as JobRow;
  });
  return { rows, watch };
}

function readThrough<Row>(pageAfter: (key: string) => readonly Row[], keyOf: (row: Row) => string): number {
  let found = 0;
  for (let key = ''; ; ) {
    const page = pageAfter(key);
    found += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    key = keyOf(last);
  }
}

const TABLES: Readonly<Record<string, (rows: MemoryRows, jobs: readonly JobRow[]) => number>> = {
  'waiting jobs': (rows, jobs) => {
    for (const row of jobs) rows.putJob(row);
    return readThrough((key) => rows.jobsAfter(key, PAGE), claimKey);
  },
  'parked jobs': (rows, jobs) => {
    for (const row of jobs) rows.park(row);
    return readThrough(
      (key) => rows.parkedAfter(key, PAGE),
      (row) => laneKey(laneOf(row) ?? '', row.seq),
    );
  },
  'dead letters': (rows, jobs) => {
    for (const row of jobs) rows.putFinal({ job: row, state: 'dead', finishedAt: T } satisfies FinalRow);
    return readThrough((key) => rows.finalsAfter(key, 'dead', PAGE), finalKey);
  },
};

describe('the rows of a queue in memory', () => {
  for (const [named, fillAndRead] of Object.entries(TABLES))
    it(`that are ${named}: a page of them looks at no more than it holds`, () => {
      const looks = [4_000, 16_000].map((count) => {
        const { rows: jobs, watch } = watchedRows(count, named === 'parked jobs' ? 'doc' : undefined);
        const rows = new MemoryRows('q', () => undefined);
        expect(fillAndRead(rows, jobs)).toBe(count);
        return watch.looks / count;
      });
      // Some looks a row, as it comes and as it is read; the search for the place of a page grows with the digits of their number.
      for (const perRow of looks) expect(perRow).toBeLessThan(12);
    });

  it('that come while others are read through are listed, and those that go are not', () => {
    for (const lane of [undefined, 'doc']) {
      const { rows: jobs } = watchedRows(PAGE + 4, lane);
      const rows = new MemoryRows('q', () => undefined);
      const put = (row: JobRow) => (lane === undefined ? rows.putJob(row) : rows.park(row));
      const keyOf = (row: JobRow) =>
        lane === undefined ? claimKey(row) : laneKey(laneOf(row) ?? '', row.seq);
      const pageAfter = (key: string) =>
        lane === undefined ? rows.jobsAfter(key, PAGE) : rows.parkedAfter(key, PAGE);
      const [late, gone] = [jobs.pop(), jobs.at(-1)];
      if (late === undefined || gone === undefined) throw new Error('there are some');
      for (const row of jobs) put(row);
      const first = pageAfter('');
      put(late);
      if (lane === undefined) rows.dropJobs([gone]);
      else rows.unpark(gone);
      const rest = pageAfter(keyOf(first.at(-1) as JobRow));
      expect([...first, ...rest].map(({ id }) => id)).toEqual(
        [...jobs.slice(0, -1), late].map(({ id }) => id),
      );
    }
  });

  it('are listed in order, whatever came, left or came back between two pages', () => {
    const keys = (rows: readonly string[]) => [...rows].sort();
    const order = ordered(['b', 'd', 'f'], (key) => key);
    for (const late of ['c', 'a', 'g']) order.put(late, late);
    expect(order.after('', 10)).toEqual(['a', 'b', 'c', 'd', 'f', 'g']);
    for (const gone of ['a', 'd']) order.drop(gone);
    order.put('d', 'D');
    expect(order.after('b', 2)).toEqual(['c', 'D']);
    const many = Array.from({ length: 5_000 }, (_, i) => `k${(i * 7_919) % 5_000}`);
    for (const key of many) order.put(key, key);
    for (const key of many.slice(0, 4_000)) order.drop(key);
    expect(order.after('h', 5_000)).toEqual(keys(many.slice(4_000)));
  });
});

describe('200,000 jobs in memory', () => {
  const jobs = defineJobs({ job: job<null>() });
  const open = async () => {
    let steps = 0;
    const store = storeCalls(countedStore(memoryStore(), (_, rows) => (steps += rows)));
    for (let from = 0; from < MANY; from += 1_000)
      await store.enqueue({ queue: 'q', jobs: specs(`${from} `, 1_000) }, T);
    return { queue: createQueue({ name: 'q', jobs, store }), cost: () => steps / MANY };
  };

  it('are cleared: some rows are touched for each', async () => {
    const { queue, cost } = await open();
    const before = cost();
    expect(await clear(queue)).toBe(MANY);
    expect(cost() - before).toBeLessThan(6);
    expect(await count(queue)).toMatchObject({ pending: 0, cancelled: MANY });
  }, 60_000);

  it('are exported and purged: some rows are touched for each', async () => {
    const { queue, cost } = await open();
    const before = cost();
    let exported = 0;
    for await (const _ of exportJobs(queue)) exported += 1;
    expect(exported).toBe(MANY);
    expect(await purge(queue)).toMatchObject({ removed: MANY });
    expect(cost() - before).toBeLessThan(6);
  }, 60_000);
});
