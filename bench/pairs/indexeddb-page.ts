import * as holdfast from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { faceOf } from '../harness/face.ts';
import { payloads } from '../indexeddb/page/peer-queue.ts';
import { transactionsBegun } from '../indexeddb/page/transactions.ts';

export interface PageLife {
  readonly enqueueMs: number;
  readonly ms: number;
  /** IndexedDB transactions from the first enqueue to the empty storage. */
  readonly transactions: number;
}

export interface Lives {
  /** From an enqueue to its handler, of half of them. */
  readonly startMs: number;
  /** All at once, until the last handler began. */
  readonly ms: number;
  /** IndexedDB transactions of those that came one after the other. */
  readonly transactions: number;
}

/** Between two jobs whose way is timed: the worker has settled the last one and sleeps. */
const REST_MS = 12;

/** The most that one call takes. */
const BATCH = 1_000;

const face = faceOf(holdfast);

function open(database: string) {
  const jobs = holdfast.defineJobs({ push: holdfast.job<object>() });
  return holdfast.createQueue({ name: 'bench', jobs, store: indexedDBStore(database) });
}

async function expectLeft(queue: object, expected: number): Promise<void> {
  const { pending, active } = await face.count(queue);
  if (pending + active !== expected) throw new Error(`${pending + active} jobs are stored, not ${expected}`);
}

const pairs = {
  /** Many jobs in bulk, a handler that does nothing, until the storage is empty. */
  async wholeLife(jobs: number, database: string): Promise<PageLife> {
    const queue = open(database);
    await expectLeft(queue, 0); // Opens the database: that is not what is timed.
    const given = payloads(jobs);
    let ran = 0;
    const before = transactionsBegun();
    const start = performance.now();
    const calls: Promise<unknown>[] = [];
    for (let from = 0; from < jobs; from += BATCH)
      calls.push(
        face.enqueueMany(
          queue,
          given.slice(from, from + BATCH).map((payload) => ({ name: 'push', payload })),
        ),
      );
    await Promise.all(calls);
    const enqueueMs = performance.now() - start;
    await face.drain(queue, {
      push: async () => {
        ran += 1;
      },
    });
    const ms = performance.now() - start;
    const transactions = transactionsBegun() - before;
    await expectLeft(queue, 0);
    if (ran !== jobs) throw new Error(`${ran} of ${jobs} jobs ran`);
    await queue.close();
    return { enqueueMs, ms, transactions };
  },

  /** So many enqueues, of which so many are under way at a time. */
  async enqueueEach(jobs: number, inFlight: number, database: string): Promise<Omit<PageLife, 'enqueueMs'>> {
    const queue = open(database);
    await expectLeft(queue, 0);
    const given = payloads(jobs).values();
    const before = transactionsBegun();
    const start = performance.now();
    const loop = async () => {
      for (const one of given) await queue.enqueue('push', one);
    };
    await Promise.all(Array.from({ length: inFlight }, loop));
    const ms = performance.now() - start;
    const transactions = transactionsBegun() - before;
    await expectLeft(queue, jobs);
    await queue.close();
    return { ms, transactions };
  },

  /** One job after the other, with a worker that sleeps between them; and all at once, each enqueued by itself. */
  async lives(jobs: number, database: string): Promise<Lives> {
    const queue = open(database);
    await expectLeft(queue, 0);
    let begun: (() => void) | undefined;
    let ran = 0;
    face.work(queue, {
      push: async () => {
        ran += 1;
        begun?.();
      },
    });
    const before = transactionsBegun();
    const starts: number[] = [];
    for (const one of payloads(jobs)) {
      const start = performance.now();
      const beginning = new Promise<void>((resolve) => {
        begun = resolve;
      });
      await Promise.all([queue.enqueue('push', one), beginning]);
      starts.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    const transactions = transactionsBegun() - before;
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      begun = () => {
        if (ran === 2 * jobs) resolve();
      };
      Promise.all(payloads(jobs).map((one) => queue.enqueue('push', one))).catch(reject);
    });
    const ms = performance.now() - start;
    await queue.close();
    return { startMs: starts.toSorted((a, b) => a - b)[jobs >> 1] ?? 0, ms, transactions };
  },
};

declare global {
  interface Window {
    pairs: typeof pairs;
  }
}

window.pairs = pairs;
document.documentElement.dataset.ready = '';
