import { InvalidOptionError } from './errors.ts';
import { closeBatch, countBatch, putBatch } from './logic/batch.ts';
import { enqueue } from './logic/enqueue.ts';
import { exchange } from './logic/exchange.ts';
import { explain } from './logic/explain.ts';
import { extend, reclaim } from './logic/leases.ts';
import { logged, readLog } from './logic/log.ts';
import { count, get, list } from './logic/look.ts';
import { setPaused } from './logic/pause.ts';
import { purge } from './logic/purge.ts';
import { prune } from './logic/retention.ts';
import { lookForRoom } from './logic/room.ts';
import type { Codec, Operation } from './logic/rows.ts';
import { fire, listSchedules, putSchedules, removeSchedule } from './logic/schedules.ts';
import { stats } from './logic/stats.ts';
import { cancel, hold, redrive, remove } from './logic/steer.ts';
import { ofEnqueue, ofExchange, ofIds, ofReclaim } from './logic/transitions.ts';
import type { ExchangeAnswer, ExchangeRequest, JobSpec, Transition } from './messages.ts';
import type { Hint, JobStore } from './store.ts';

/** How a store runs an operation: in one transaction over the rows of the queue, telling other openings `hint` after its commit. */
export interface Transaction<T> {
  readonly queue: string;
  /** A reader changes nothing, an enqueuer brings new work, a drainer settles, claims and steers what is there. */
  readonly kind: 'reader' | 'enqueuer' | 'drainer';
  readonly run: Operation<T>;
  /** An enqueue that has nothing to look up: as a rule it touches jobs and the queue's row, and nothing else. */
  readonly isPlain?: boolean;
  /** The worker on whose behalf. */
  readonly workerId?: string;
  /** What other openings should look for, by the answer. */
  readonly hint?: (answer: T) => Hint | undefined;
}

/** An option of every store. */
export interface Logging {
  /**
   * Keeps the last transitions of each queue, so many and up to 100 more, for `queue.log`. Each transaction that makes some writes one row
   * more, and the queue's row. Default: none are kept. Minimum 1.
   */
  readonly logSize?: number;
}

/** All of `JobStore` that does not depend on the platform. */
export type Operations = Omit<JobStore, 'close' | 'onHint' | 'signOfLife' | 'enqueueIn'>;

/** The store contract, but for what depends on the platform, over a way to run one transaction. */
export function operations(
  codec: Codec,
  transact: <T>(transaction: Transaction<T>) => Promise<T>,
  { logSize }: Logging = {},
): Operations {
  if (logSize !== undefined && !(Number.isSafeInteger(logSize) && logSize >= 1))
    throw new InvalidOptionError('logSize', logSize, 'a whole number, 1 or more');
  const log = <T>(now: number, transitionsOf: (answer: T) => readonly Transition[], run: Operation<T>) =>
    logSize === undefined ? run : logged(run, logSize, now, transitionsOf);
  const drain = <T>(queue: string, run: Operation<T>, hint?: (answer: T) => Hint | undefined) =>
    transact<T>({ queue, kind: 'drainer', run, ...(hint ? { hint } : {}) });
  const look = <T>(queue: string, run: Operation<T>) => transact<T>({ queue, kind: 'reader', run });
  const work = (): Hint => 'work';
  return {
    enqueue: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'enqueuer',
        isPlain: request.jobs.every(isPlain),
        run: log(now, (answers) => ofEnqueue(request, answers), enqueue(codec, request, now)),
        hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
      }),
    exchange: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'drainer',
        run: log(now, (answer) => ofExchange(request, answer), exchange(codec, request, now)),
        workerId: request.workerId,
        hint: (answer) => exchangeHint(request, answer),
      }),
    extend: async (request, now) => drain(request.queue, extend(codec, request, now)),
    reclaim: (request, now) =>
      drain(
        request.queue,
        log(now, ofReclaim, (rows) => reclaim(rows, request, now)),
        ({ reclaimed, dead, cancelled }) =>
          reclaimed.length + dead.length + cancelled.length > 0 ? 'work' : undefined,
      ),
    cancel: (request, now) =>
      drain(
        request.queue,
        log(now, ofIds(request), (rows) => cancel(rows, request, now)),
        (answers) => (answers.includes('requested') ? 'cancel' : 'work'),
      ),
    redrive: async (request, now) =>
      drain(request.queue, log(now, ofIds(request), redrive(codec, request, now)), work),
    remove: (request, now) =>
      drain(
        request.queue,
        log(now, ofIds(request), (rows) => remove(rows, request, now)),
        work,
      ),
    prune: (request, now) =>
      drain(
        request.queue,
        (rows) => prune(rows, request, now),
        ({ completed, dead }) => (completed + dead > 0 ? 'change' : undefined),
      ),
    hold: (request, now) => drain(request.queue, (rows) => hold(rows, request, now)),
    pause: (request, now) =>
      drain(
        request.queue,
        (rows) => setPaused(rows, request, true, now),
        () => 'change',
      ),
    resume: (request, now) => drain(request.queue, (rows) => setPaused(rows, request, false, now), work),
    purge: (request) =>
      drain(
        request.queue,
        (rows) => purge(rows, request),
        () => 'cancel',
      ),
    room: ({ queue, ...limits }, now) => look(queue, (rows) => lookForRoom(rows, { queue, ...limits }, now)),
    putSchedules: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'enqueuer',
        run: putSchedules(codec, request, now),
        hint: (changed) => (changed ? 'work' : undefined),
      }),
    removeSchedule: (request, now) =>
      drain<boolean>(
        request.queue,
        (rows) => removeSchedule(rows, request, now),
        (there) => (there ? 'change' : undefined),
      ),
    listSchedules: ({ queue }) => look(queue, listSchedules),
    fire: (request, now) =>
      transact({
        queue: request.queue,
        kind: 'enqueuer',
        run: (rows) => fire(rows, request, now),
        hint: (answers) => (answers.some(({ jobs }) => jobs.length > 0) ? 'work' : undefined),
      }),
    putBatch: async (request, now) =>
      transact({ queue: request.queue, kind: 'enqueuer', run: putBatch(codec, request, now) }),
    closeBatch: (request, now) => drain(request.queue, (rows) => closeBatch(rows, request, now), work),
    countBatch: ({ queue, id }) => look(queue, (rows) => countBatch(rows, id)),
    get: ({ queue, id }) => look(queue, (rows) => get(rows, id)),
    list: (request) => look(request.queue, (rows) => list(rows, request)),
    count: ({ queue }) => look(queue, count),
    log: (request) => look(request.queue, (rows) => readLog(rows, request)),
    explain: ({ queue, id }, now) => look(queue, (rows) => explain(rows, id, now)),
    stats: ({ queue }, now) => look(queue, (rows) => stats(rows, now)),
  };
}

const isPlain = ({ known, lane, idempotencyKey, dependsOn, batch, tick }: JobSpec): boolean =>
  !known && [lane, idempotencyKey, dependsOn, batch, tick].every((fact) => fact === undefined);

/** A plain completion frees nothing that waits, so workers elsewhere need not wake for it. */
function exchangeHint({ settle }: ExchangeRequest, answer: ExchangeAnswer): Hint | undefined {
  if (answer.buried !== undefined || answer.leavesRoom) return 'work';
  if (answer.settled.every((settled) => settled === 'stale'))
    return answer.jobs.length > 0 ? 'change' : undefined;
  const frees = settle.some(({ outcome }) => outcome.kind !== 'complete' || outcome.enqueue !== undefined);
  return frees ? 'work' : 'change';
}
