import { enqueue } from './logic/enqueue.ts';
import { exchange } from './logic/exchange.ts';
import { extend, reclaim } from './logic/leases.ts';
import { count, get, list } from './logic/look.ts';
import type { Codec, Operation } from './logic/rows.ts';
import { cancel, hold, redrive, remove, setPaused } from './logic/steer.ts';
import type { ExchangeAnswer, ExchangeRequest } from './messages.ts';
import type { Hint, JobStore } from './store.ts';

/** How a store runs an operation: in one transaction over the rows of the queue, telling other openings `hint` after its commit. */
export interface Transaction<T> {
  readonly queue: string;
  /** A reader changes nothing, an enqueuer brings new work, a drainer settles, claims and steers what is there. */
  readonly kind: 'reader' | 'enqueuer' | 'drainer';
  readonly run: Operation<T>;
  /** The worker on whose behalf. */
  readonly workerId?: string;
  /** What other openings should look for, by the answer. */
  readonly hint?: (answer: T) => Hint | undefined;
}

/** All of `JobStore` that does not depend on the platform. */
export type Operations = Omit<JobStore, 'close' | 'onHint' | 'signOfLife' | 'enqueueIn'>;

/** The store contract, but for what depends on the platform, over a way to run one transaction. */
export function operations(
  codec: Codec,
  transact: <T>(transaction: Transaction<T>) => Promise<T>,
): Operations {
  const drain = <T>(queue: string, run: Operation<T>, hint?: (answer: T) => Hint | undefined) =>
    transact<T>({ queue, kind: 'drainer', run, ...(hint ? { hint } : {}) });
  const look = <T>(queue: string, run: Operation<T>) => transact<T>({ queue, kind: 'reader', run });
  const work = (): Hint => 'work';
  return {
    enqueue: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'enqueuer',
        run: enqueue(codec, request, now),
        hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
      }),
    exchange: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'drainer',
        run: exchange(codec, request, now),
        workerId: request.workerId,
        hint: (answer) => exchangeHint(request, answer),
      }),
    extend: async (request, now) => drain(request.queue, extend(codec, request, now)),
    reclaim: (request, now) =>
      drain(
        request.queue,
        (rows) => reclaim(rows, request, now),
        ({ reclaimed, dead, cancelled }) =>
          reclaimed.length + dead.length + cancelled.length > 0 ? 'work' : undefined,
      ),
    cancel: (request, now) =>
      drain(
        request.queue,
        (rows) => cancel(rows, request, now),
        (answers) => (answers.includes('requested') ? 'cancel' : 'work'),
      ),
    redrive: (request, now) => drain(request.queue, (rows) => redrive(rows, request, now), work),
    remove: (request, now) => drain(request.queue, (rows) => remove(rows, request, now), work),
    hold: (request, now) => drain(request.queue, (rows) => hold(rows, request, now)),
    pause: ({ queue }, now) =>
      drain(
        queue,
        (rows) => setPaused(rows, true, now),
        () => 'change',
      ),
    resume: ({ queue }, now) => drain(queue, (rows) => setPaused(rows, false, now), work),
    get: ({ queue, id }) => look(queue, (rows) => get(rows, id)),
    list: (request) => look(request.queue, (rows) => list(rows, request)),
    count: ({ queue }) => look(queue, count),
  };
}

/** A plain completion frees nothing that waits, so workers elsewhere need not wake for it. */
function exchangeHint({ settle }: ExchangeRequest, answer: ExchangeAnswer): Hint | undefined {
  if (answer.buried !== undefined) return 'work';
  if (answer.settled.every((settled) => settled === 'stale'))
    return answer.jobs.length > 0 ? 'change' : undefined;
  const frees = settle.some(({ outcome }) => outcome.kind !== 'complete' || outcome.enqueue !== undefined);
  return frees ? 'work' : 'change';
}
