import { DamagedQueueError } from '../../core/kernel/damage.ts';
import {
  HoldfastError,
  InvalidOptionError,
  messageOf,
  StoreClosedError,
  StoreError,
} from '../../core/kernel/errors.ts';
import { provenOwners } from '../../core/kernel/leases.ts';
import { mending } from '../../core/kernel/mending.ts';
import type { Run } from '../../core/kernel/rows.ts';
import { runSync } from '../../core/kernel/step.ts';
import type { Store, Transaction } from '../../core/kernel/store.ts';
import { type Wanted, wakeAt } from '../../core/kernel/wake.ts';
import { durableObjectCodec } from './codec.ts';
import { DurableObjectRows, type OnStep } from './durable-object-rows.ts';
import { EnqueueGroup } from './enqueue-group.ts';
import type { ObjectState, ObjectStorage } from './object-state.ts';
import { createTables, isGone, migrate } from './schema.ts';

export type { Wanted } from '../../core/kernel/wake.ts';
export type { ObjectState, ObjectStorage, Sql, SqlCursor, SqlValue } from './object-state.ts';

export interface DurableObjectStoreOptions {
  /** Told the rows that the platform bills, statement by statement. */
  readonly onStep?: OnStep;
  /**
   * Called at the end of each transaction that brought or changed work, inside it: what it sets (an alarm) is rolled back with
   * it. `nextAt` looks when the queue is worth waking for, as that of the store; 0: at once, undefined: nothing waits.
   */
  readonly onChange?: (queue: string, nextAt: (wanted?: Wanted) => number | undefined) => void;
  /** Called when such a transaction was rolled back, and after one that the app may yet roll back. */
  readonly onDoubt?: () => void;
  /** Called when the tables were made again, as the app had deleted all that its object stored: what was declared is to be declared anew. */
  readonly onAnew?: () => void;
}

/** An operation on one queue's rows. */
interface Call {
  readonly queue: string;
  readonly run: Run<unknown>;
}

/** A store, and what a Durable Object needs beside it. */
export interface DurableObjectStore extends Store {
  /** The earliest instant worth waking for, for what is wanted (absent: all); at or before `now`: at once. */
  nextAt(queue: string, now: number, wanted?: Wanted): number | undefined;
}

/**
 * A store in the SQLite database of a Durable Object, beside the object's own tables. Creates and migrates its tables when it is
 * made: make it in the object's constructor or a field. Each call is one `transactionSync`, but for enqueues that come while the one
 * before them is on its way to the disk: those wait for that and share one.
 *
 * Workers inside the object prove their life by it: there is only one instance at a time, so a new one knows that the workers
 * of the one before are gone, and takes their jobs back at once. Workers elsewhere have leases that end.
 */
export function durableObjectStore(
  state: ObjectState,
  options: DurableObjectStoreOptions = {},
): DurableObjectStore {
  const { storage } = state ?? {};
  if (typeof storage?.sql?.exec !== 'function')
    throw new InvalidOptionError('state', state, 'the state of a Durable Object with SQLite storage');
  try {
    migrate(storage);
  } catch (error) {
    throw asStoreError(error);
  }
  let closed = false;
  const living = livingOf(storage);
  const isLiving = (workerId: string) => living.has(workerId);

  /** Runs them one after the other in one transaction. */
  const transactAll = (calls: readonly Call[], changes: boolean): readonly unknown[] => {
    if (closed) throw new StoreClosedError('the Durable Object store');
    try {
      return storage.transactionSync(() => commit(calls, changes, options.onStep));
    } catch (error) {
      if (changes) options.onDoubt?.();
      if (isGone(error)) return makeAnew(calls, changes);
      throw asStoreError(error);
    }
  };
  const commit = (
    calls: readonly Call[],
    changes: boolean,
    onStep: OnStep | undefined,
  ): readonly unknown[] => {
    const queues = new Map<string, DurableObjectRows>();
    const rowsOf = (queue: string): DurableObjectRows => {
      const rows = queues.get(queue) ?? new DurableObjectRows(queue, storage.sql, isLiving, onStep);
      queues.set(queue, rows);
      return rows;
    };
    const answers = calls.map(({ queue, run }) => runSync(run(rowsOf(queue))));
    for (const [queue, rows] of queues) {
      rows.flush();
      if (changes) options.onChange?.(queue, (wanted) => runSync(wakeAt(0, wanted)(rows)));
    }
    return answers;
  };
  /** The app has deleted all that the object stored. Who only looks, or finds nothing to do, leaves nothing behind: it was deleted to be gone. */
  const makeAnew = (calls: readonly Call[], changes: boolean): readonly unknown[] => {
    let written = 0;
    let answers: readonly unknown[] = [];
    const onStep: OnStep = (kind, rows) => {
      if (kind === 'written') written += rows;
      options.onStep?.(kind, rows);
    };
    try {
      storage.transactionSync(() => {
        createTables(storage.sql);
        answers = commit(calls, changes, onStep);
        if (written === 0) throw new NothingWrittenError();
      });
    } catch (error) {
      if (error instanceof NothingWrittenError) return answers;
      if (changes) options.onDoubt?.();
      throw asStoreError(error);
    }
    options.onAnew?.();
    return answers;
  };
  const transact = <T>(queue: string, run: Run<T>, changes = false): T =>
    transactAll([{ queue, run }], changes)[0] as T;
  const enqueues = new EnqueueGroup<Call>({
    commit: (calls) => transactAll(calls, true),
    onDisk: () => onDisk(storage),
  });
  const goneOwners = (queue: string) =>
    transact(queue, provenOwners).filter((workerId) => !living.has(workerId));

  return {
    codec: durableObjectCodec,
    transact: mending(async <T>({ queue, kind, run, isAwaited }: Transaction<T>) => {
      if (kind === 'enqueuer') return (await enqueues.add({ queue, run })) as T;
      const answer = transact(queue, run, kind !== 'reader');
      if (isAwaited?.(answer)) await onDisk(storage);
      return answer;
    }),
    async prove(_queue, workerIds) {
      const gone = workerIds.filter((workerId) => !living.has(workerId));
      return { gone, alive: [], release: () => undefined };
    },
    async signOfLife(workerId) {
      living.add(workerId);
      return () => living.delete(workerId);
    },
    // The transaction is the one that is open around this call, if any: SQLite nests them.
    // What refuses a job is thrown at once, so that it takes the app's rows back with it.
    join:
      () =>
      ({ queue, run }) => {
        const answer = transact(queue, run, true);
        options.onDoubt?.();
        return Promise.resolve(answer);
      },
    nextAt(queue, now, wanted) {
      try {
        return goneOwners(queue).length > 0 ? now : transact(queue, wakeAt(now, wanted));
      } catch (error) {
        // Whoever is woken mends it.
        if (error instanceof DamagedQueueError) return now;
        throw error;
      }
    },
    health: async () => ({ usage: storage.sql.databaseSize, missing: [] }),
    async close() {
      closed = true;
    },
  };
}

/**
 * A claim is on disk before its handlers start. The platform writes a transaction at the end of the turn: a handler that took its
 * object down in the same turn would take its own claim back, so that its crash was never counted and it ran for ever, first.
 * Nothing waits longer for it that does I/O: what leaves the object is held back until its writes are on disk anyway.
 */
async function onDisk(storage: ObjectStorage): Promise<void> {
  try {
    await storage.sync?.();
  } catch (error) {
    throw asStoreError(error);
  }
}

/** Takes back the tables that were made for it. */
class NothingWrittenError extends Error {}

/** Where the storage of an object keeps which of its workers live: a second opening of the store must not take them for gone. */
const LIVING = Symbol.for('holdfast.living');

function livingOf(storage: ObjectStorage & { [LIVING]?: Set<string> }): Set<string> {
  storage[LIVING] ??= new Set();
  return storage[LIVING];
}

function asStoreError(error: unknown): unknown {
  if (error instanceof HoldfastError) return error;
  const why = messageOf(error);
  if (why.includes('SQLITE_FULL'))
    return new StoreError('the database is full: nothing new can be stored until space is freed', {
      retryable: false,
      cause: error,
    });
  return new StoreError(`SQLite failed: ${why}`, { retryable: true, cause: error });
}
