import { openDexie } from './dexie-queue.ts';
import { openHoldfast } from './holdfast-queue.ts';
import { openIdb } from './idb-queue.ts';
import { openLimit } from './limit-queue.ts';
import { watchLongTasks } from './long-tasks.ts';
import { type Handler, instant, type PeerQueue, payload, payloads } from './peer-queue.ts';
import { openTanstack } from './tanstack-queue.ts';
import { transactionsBegun } from './transactions.ts';
import { openWorkbox } from './workbox-queue.ts';

const PEERS = {
  holdfast: (database: string) => openHoldfast(database),
  'holdfast relaxed': (database: string) => openHoldfast(database, 'relaxed'),
  limit: openLimit,
  idb: (database: string) => openIdb(database),
  'idb strict': (database: string) => openIdb(database, 'strict'),
  dexie: openDexie,
  workbox: openWorkbox,
  tanstack: openTanstack,
};

export type PeerName = keyof typeof PEERS;

export interface Life {
  readonly ms: number;
  readonly enqueueMs: number;
  /** IndexedDB transactions from the first enqueue to the empty storage. */
  readonly transactions: number;
}

export interface Drain {
  readonly ms: number;
  readonly transactions: number;
  /** How long each task over 50 ms took. */
  readonly longTasks: readonly number[];
}

/** Jobs that are made at a time where many are stored: the page must not hold them all. */
const FILL = 5_000;
/** Between two jobs whose way is timed: the worker has settled the last one and sleeps. */
const REST_MS = 12;

/** What the bench asks of its page. Nothing answers before the work is done and was checked. */
const bench = {
  /** Many jobs in bulk, a handler that does nothing, until the storage is empty. */
  async wholeLife(peer: PeerName, jobs: number, database: string): Promise<Life> {
    const queue = await PEERS[peer](database);
    await queue.count(); // Some open their database only when it is first needed: that is not what is timed.
    const given = payloads(jobs);
    const ran = new Set<number>();
    const before = transactionsBegun();
    const start = performance.now();
    await queue.enqueueMany(given);
    const enqueueMs = performance.now() - start;
    await queue.drain(async ({ n }) => {
      ran.add(n);
    });
    const ms = performance.now() - start;
    const transactions = transactionsBegun() - before;
    await expectEmpty(queue);
    if (ran.size !== jobs) throw new Error(`${peer} ran ${ran.size} of ${jobs} jobs`);
    queue.close?.();
    return { ms, enqueueMs, transactions };
  },

  /** Each enqueue awaited, then a handler that does nothing, until the storage is empty; answers ms. */
  async singleLives(peer: PeerName, jobs: number, database: string): Promise<number> {
    const queue = await PEERS[peer](database);
    await queue.count();
    const ran = new Set<number>();
    const handler: Handler = async ({ n }) => {
      ran.add(n);
    };
    const start = performance.now();
    queue.begin?.(handler);
    for (const one of payloads(jobs)) await queue.enqueue(one);
    await queue.drain(handler);
    const ms = performance.now() - start;
    await expectEmpty(queue);
    if (ran.size !== jobs) throw new Error(`${peer} ran ${ran.size} of ${jobs} jobs`);
    queue.close?.();
    return ms;
  },

  /** So many enqueues, of which so many are under way at a time; answers ms. */
  async enqueueEach(peer: PeerName, jobs: number, inFlight: number, database: string): Promise<number> {
    const queue = await PEERS[peer](database);
    await queue.count();
    const given = payloads(jobs).values();
    const start = performance.now();
    const loop = async () => {
      for (const one of given) await queue.enqueue(one);
    };
    await Promise.all(Array.from({ length: inFlight }, loop));
    const ms = performance.now() - start;
    const stored = await queue.count();
    if (stored !== jobs) throw new Error(`${peer} stored ${stored} of ${jobs} jobs`);
    queue.close?.();
    return ms;
  },

  /** Stores jobs until this many wait. */
  async fill(peer: PeerName, jobs: number, database: string): Promise<void> {
    const queue = await opened(peer, database);
    for (let have = await queue.count(); have < jobs; have += FILL)
      await queue.enqueueMany(payloads(Math.min(FILL, jobs - have)));
  },

  /** Works until this many jobs began; the worker goes on. */
  async drainSome(peer: PeerName, jobs: number, database: string): Promise<Drain> {
    const queue = await opened(peer, database);
    const stopWatching = watchLongTasks();
    const before = transactionsBegun();
    const start = performance.now();
    let ran = 0;
    const { ms, transactions } = await new Promise<Omit<Drain, 'longTasks'>>((resolve) => {
      queue.work?.(async () => {
        ran += 1;
        if (ran === jobs)
          resolve({ ms: performance.now() - start, transactions: transactionsBegun() - before });
      });
    });
    return { ms, transactions, longTasks: await stopWatching() };
  },

  /** Starts a worker; `took` answers how long the jobs were on their way to it, ms. */
  async work(peer: PeerName, database: string): Promise<void> {
    const queue = await opened(peer, database);
    const handler: Handler = async ({ at }) => {
      took.push(instant() - at);
      arrived.postMessage(undefined);
    };
    queue.work?.(handler);
  },

  /** Enqueues one job after the other, each when the one before has arrived, here or in another tab. */
  async send(peer: PeerName, jobs: number, database: string): Promise<void> {
    const queue = await opened(peer, database);
    for (let n = 0; n < jobs; n++) {
      const arrival = new Promise<void>((resolve) => {
        onArrival = resolve;
      });
      await queue.enqueue(payload(n));
      await arrival;
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  },

  took: (): number[] => took.splice(0),

  /** Bytes of the whole page, its workers included; undefined where the browser does not say. */
  async memory(): Promise<number | undefined> {
    const { measureUserAgentSpecificMemory: measure } = performance as {
      measureUserAgentSpecificMemory?: () => Promise<{ readonly bytes: number }>;
    };
    return measure && (await measure.call(performance)).bytes;
  },
};

const took: number[] = [];
let onArrival: () => void = () => undefined;
const arrivals = new BroadcastChannel('bench arrivals');
/** A channel does not hear itself: of two, one tells the other, in this tab and in the next. */
const arrived = new BroadcastChannel('bench arrivals');
arrivals.onmessage = () => onArrival();

const queues = new Map<string, Promise<PeerQueue>>();

/** One connection a tab, as an app has it. */
function opened(peer: PeerName, database: string): Promise<PeerQueue> {
  const queue = queues.get(database) ?? PEERS[peer](database);
  queues.set(database, queue);
  return queue;
}

async function expectEmpty(queue: PeerQueue): Promise<void> {
  const left = await queue.count();
  if (left > 0) throw new Error(`${left} jobs are left`);
}

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
document.documentElement.dataset.ready = '';
