import { closeBatch, countBatch, putBatch } from './batch.ts';
import type { Codec } from './codec.ts';
import { DamagedQueueError } from './damage.ts';
import { enqueueing, enqueueOperation } from './enqueueing.ts';
import { exchange } from './exchange.ts';
import { explain } from './explain.ts';
import { extend, reclaim } from './leases.ts';
import { readLog } from './log.ts';
import { type Logging, logOf } from './logging.ts';
import { count, get, list } from './look.ts';
import { mendQueue } from './mend.ts';
import type { ExchangeAnswer, ExchangeRequest, Outcome } from './messages.ts';
import { setPaused } from './pause.ts';
import { purge } from './purge.ts';
import { prune } from './retention.ts';
import { retryNow } from './retry-now.ts';
import { lookForRoom } from './room.ts';
import type { Rule } from './rows.ts';
import { fire, listSchedules, putSchedules, removeSchedule } from './schedules.ts';
import { stats } from './stats.ts';
import { cancel, hold, redrive, remove } from './steer.ts';
import type { Hint, JobStore } from './store.ts';
import type { Transact } from './transaction.ts';
import { ofExchange, ofIds, ofReclaim } from './transitions.ts';

/** All of `JobStore` that does not depend on the platform. */
export type Operations = Omit<
  JobStore,
  'close' | 'onHint' | 'onNotice' | 'signOfLife' | 'untilAwake' | 'enqueueIn' | 'checkPayload'
> & { readonly transact: Transact };

/** The store contract, but for what depends on the platform, over a way to run one transaction. */
export function operations(codec: Codec, transact: Transact, logging: Logging = {}): Operations {
  const log = logOf(logging);
  const drain = <T>(queue: string, run: Rule<T>, hint?: (answer: T) => Hint | undefined) =>
    transact<T>({ queue, kind: 'drainer', run, ...(hint ? { hint } : {}) });
  const look = <T>(queue: string, run: Rule<T>) => transact<T>({ queue, kind: 'reader', run });
  const work = (): Hint => 'work';
  return {
    transact,
    ...enqueueOperation(enqueueing(codec, logging), transact),
    exchange: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'drainer',
        isPlain: true,
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
        (answers) =>
          answers.some((answer) => answer === 'requested' || answer === 'running') ? 'cancel' : 'work',
      ),
    redrive: async (request, now) =>
      drain(request.queue, log(now, ofIds(request), redrive(codec, request, now)), work),
    retryNow: (request, now) => drain(request.queue, (rows) => retryNow(rows, request, now), work),
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
    hold: (request, now) =>
      drain<void>(
        request.queue,
        (rows) => hold(rows, request, now),
        () => 'cancel',
      ),
    pause: (request, now) =>
      drain(
        request.queue,
        (rows) => setPaused(rows, request, true, now),
        () => 'cancel',
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
        hint: ({ changed }) => (changed ? 'work' : undefined),
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
    explain: (request, now) => look(request.queue, (rows) => explain(rows, request, now)),
    stats: ({ queue }, now) => look(queue, (rows) => stats(rows, now)),
  };
}

const holds = (outcome: Outcome): boolean => outcome.kind === 'retry' && outcome.holdUntil !== undefined;

/** For stores whose rows can be damaged: what finds a queue so mends it, and is then done. See `mendQueue`. */
export function mending(transact: Transact): Transact {
  return async (transaction) => {
    try {
      return await transact(transaction);
    } catch (error) {
      if (!(error instanceof DamagedQueueError)) throw error;
      await transact({ queue: transaction.queue, kind: 'drainer', run: mendQueue });
      return await transact(transaction);
    }
  };
}

/** A plain completion frees nothing that waits, so workers elsewhere need not wake for it. */
function exchangeHint({ settle }: ExchangeRequest, answer: ExchangeAnswer): Hint | undefined {
  if (settle.some(({ outcome }, i) => answer.settled[i] === 'settled' && holds(outcome))) return 'cancel';
  if (answer.outage !== undefined && answer.outage.closed.length > 0) return 'cancel';
  if (answer.buried !== undefined || answer.leavesRoom || answer.wentOn || answer.outage?.grew) return 'work';
  if (answer.settled.every((settled) => settled === 'stale'))
    return answer.jobs.length > 0 ? 'change' : undefined;
  const frees = settle.some(({ outcome }) => outcome.kind !== 'complete' || outcome.enqueue !== undefined);
  return frees ? 'work' : 'change';
}
