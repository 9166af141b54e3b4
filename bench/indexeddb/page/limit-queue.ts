import type { Handler, Payload, PeerQueue } from './peer-queue.ts';

const INSERTS = 1_000;
const BATCH = 256;
const LEASE_MS = 30_000;

/** What one worker has claimed: every key from `first` to `last`. */
interface Claim {
  readonly fence: number;
  readonly until: number;
  readonly first: number;
  readonly last: number;
}

/**
 * How fast IndexedDB can be without packing jobs: keys in claim order and no index, values as JSON text, one claim row a batch, one
 * range delete a batch. Enqueues are strict, the rest is relaxed; at least once, leases and fences, any number of tabs. It has
 * nothing else: no ids to look up, names, priorities, delays, retries, lanes, limits, counters or full disks.
 */
export async function openLimit(name: string): Promise<PeerQueue> {
  const database = await open(name);
  const channel = new BroadcastChannel(name);
  const queue = new LimitQueue(database, channel);
  channel.onmessage = () => queue.wake();
  return queue;
}

class LimitQueue implements PeerQueue {
  readonly #database: IDBDatabase;
  readonly #channel: BroadcastChannel;
  readonly #id = crypto.randomUUID();
  /** What this worker has claimed and run, to be settled with the next claim. */
  #mine: Claim | undefined;
  #woken = false;
  #onWake: (() => void) | undefined;

  constructor(database: IDBDatabase, channel: BroadcastChannel) {
    this.#database = database;
    this.#channel = channel;
  }

  wake(): void {
    this.#woken = true;
    this.#onWake?.();
  }

  enqueue(payload: Payload): Promise<void> {
    return this.enqueueMany([payload]);
  }

  async enqueueMany(payloads: readonly Payload[]): Promise<void> {
    const commits: Promise<void>[] = [];
    for (let from = 0; from < payloads.length; from += INSERTS) {
      const transaction = this.#database.transaction('jobs', 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore('jobs');
      for (const payload of payloads.slice(from, from + INSERTS))
        store.add(JSON.stringify({ id: crypto.randomUUID(), payload }));
      transaction.commit();
      commits.push(done(transaction));
    }
    await Promise.all(commits);
    this.wake();
    this.#channel.postMessage('work');
  }

  async drain(handler: Handler): Promise<void> {
    for (let jobs = await this.#exchange(); jobs.length > 0; jobs = await this.#exchange())
      await Promise.all(jobs.map(handler));
  }

  work(handler: Handler): void {
    const loop = async () => {
      for (;;) {
        this.#woken = false;
        await this.drain(handler);
        if (this.#woken) continue;
        await new Promise<void>((resolve) => {
          this.#onWake = resolve;
        });
      }
    };
    void loop();
  }

  async count(): Promise<number> {
    return await answer(this.#database.transaction('jobs').objectStore('jobs').count());
  }

  /** Settles the last batch and claims the next, in one transaction. */
  async #exchange(): Promise<Payload[]> {
    const transaction = this.#database.transaction(['jobs', 'claims'], 'readwrite', {
      durability: 'relaxed',
    });
    const jobs = transaction.objectStore('jobs');
    const claims = transaction.objectStore('claims');
    const [ids, rows] = await Promise.all([answer(claims.getAllKeys()), answer<Claim[]>(claims.getAll())]);
    const held = rows[ids.indexOf(this.#id)];
    if (held !== undefined && held.fence === this.#mine?.fence)
      jobs.delete(IDBKeyRange.bound(held.first, held.last));
    const low = rows.reduce((highest, { last }) => Math.max(highest, last), 0);
    const range = IDBKeyRange.lowerBound(low, true);
    const [keys, values] = await Promise.all([
      answer(jobs.getAllKeys(range, BATCH)),
      answer<string[]>(jobs.getAll(range, BATCH)),
    ]);
    const fence = rows.reduce((highest, claim) => Math.max(highest, claim.fence), 0) + 1;
    this.#mine = undefined;
    if (keys.length > 0) {
      this.#mine = {
        fence,
        until: Date.now() + LEASE_MS,
        first: keys[0] as number,
        last: keys.at(-1) as number,
      };
      claims.put(this.#mine, this.#id);
    } else if (held !== undefined) {
      claims.delete(this.#id);
    }
    transaction.commit();
    await done(transaction);
    return values.map((value) => (JSON.parse(value) as { payload: Payload }).payload);
  }
}

function open(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('jobs', { autoIncrement: true });
    opening.result.createObjectStore('claims');
  };
  return answer(opening);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
