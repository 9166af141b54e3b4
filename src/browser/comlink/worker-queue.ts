import {
  type Definitions,
  deserializeError,
  InvalidOptionError,
  type Queue,
  type QueueEvents,
} from '../../core/index.ts';
import { type Context, contextOf } from '../../core/queue/context.ts';
import { inWholeMs, systemEnvironment } from '../../core/queue/environment.ts';
import type { Feature, FeatureFor, OptionsOf } from '../../core/queue/feature.ts';
import { checkCount, checkKnown, checkMs, checkText } from '../../core/queue/options.ts';
import { FAR_OPTIONS, type FarOptions, farQueue } from '../../core/remote/remote-queue.ts';
import { Connection } from './connection.ts';
import type { Batch, PushedEvent } from './face.ts';
import type { HostWorker } from './targets.ts';
import { WorkerLine } from './worker-line.ts';

export interface WorkerQueueOptions<
  Jobs extends Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> extends FarOptions<Jobs, Use> {
  /** As the queue in the worker is named: a worker may host several. */
  readonly name: string;
  /**
   * Makes the worker that calls `hostQueue`, or finds it: a Worker, a SharedWorker, a service worker or its registration, a MessagePort to where
   * the queue is. Called at once, and again whenever the host is gone. Given as it is and not by a function, it cannot be made again.
   *
   * @example
   * worker: () => new Worker(new URL('./sync-worker.ts', import.meta.url), { type: 'module' })
   * worker: () => new SharedWorker(new URL('./sync-worker.ts', import.meta.url), { type: 'module' })
   * worker: () => navigator.serviceWorker.ready
   */
  readonly worker: HostWorker | (() => HostWorker | Promise<HostWorker>);
  /** How long a host may take until it has called `hostQueue`. Default 20,000, minimum 100. */
  readonly startTimeoutMs?: number;
  /** Starts in a row that may fail until those who wait are rejected. Default 3, minimum 1. */
  readonly startTries?: number;
}

/** A queue that lives in a worker. */
export interface WorkerQueue<Jobs extends Definitions = Definitions, Options extends object = object>
  extends Queue<Jobs, Options> {
  /**
   * For a host that hangs: ends it and makes the next; what it ran comes back, as after a crash. A worker that others share, a service worker and one
   * that was given as it is go on: the page connects to them anew, and its own workers keep what they run.
   */
  restart(): void;
  /** Closes the handle and ends the worker that was made for it, or still is. `close()` leaves it at work. */
  terminate(): Promise<void>;
}

const OPTIONS = [...FAR_OPTIONS, 'name', 'worker', 'startTimeoutMs', 'startTries'];
/** What the host pushes is not looked for. */
const POLL_MS = 30_000;
const START_TIMEOUT_MS = 20_000;
const MIN_START_TIMEOUT_MS = 100;
const START_TRIES = 3;

/**
 * A handle on a queue that lives in a worker, to be used as one here: enqueue, operations, events of the host, `watch`, iteration, and `work(queue, handlers)` in
 * this page. Only `prepare` needs a store in this context. A host that is gone (terminated, crashed, failed, stopped by the browser) is started again;
 * calls under way are repeated, which is safe: each job carries its id. If none starts within `startTries`, calls reject with StoreError.
 *
 * @example
 * const queue = workerQueue({
 *   name: 'sync',
 *   jobs,
 *   worker: () => new Worker(new URL('./sync-worker.ts', import.meta.url), { type: 'module' }),
 * });
 * await queue.enqueue('note.push', note);
 * queue.on('job:dead', ({ job, error }) => report(job, error));
 *
 * @throws InvalidOptionError at once
 */
export function workerQueue<
  const Jobs extends Definitions,
  const Use extends readonly FeatureFor<Jobs>[] = [],
>(given: WorkerQueueOptions<Jobs, Use>): WorkerQueue<Jobs, OptionsOf<Use>> {
  const {
    name,
    worker,
    startTimeoutMs = START_TIMEOUT_MS,
    startTries = START_TRIES,
    ...far
  } = checkKnown('workerQueue options', given, OPTIONS);
  checkText('name', name);
  if (typeof worker !== 'function' && (typeof worker !== 'object' || worker === null))
    throw new InvalidOptionError('worker', worker, 'a function that makes a worker');
  const connection: Connection = new Connection({
    queue: name,
    make: typeof worker === 'function' ? worker : () => worker,
    isGiven: typeof worker !== 'function',
    environment: inWholeMs(far.environment ?? systemEnvironment),
    startTimeoutMs: checkMs('startTimeoutMs', startTimeoutMs, MIN_START_TIMEOUT_MS),
    startTries: checkCount('startTries', startTries),
    wanted: () => line.wanted,
    onBatch: (batch) => hear(batch, line, context),
    onError: (error) => context.emitter.emit('worker:error', { error }),
  });
  let line!: WorkerLine;
  const queue = farQueue(name, { pollMs: POLL_MS, ...far }, (how) => {
    line = new WorkerLine(connection, how);
    return line;
  });
  const context = contextOf(queue);
  connection.reach();
  return Object.assign(queue, {
    restart: () => connection.restart(),
    terminate: async () => {
      await queue.close();
      connection.close(true);
    },
  });
}

/** What the host has pushed. */
function hear({ hints, events }: Batch, line: WorkerLine, { emitter }: Context): void {
  for (const hint of hints) line.hear(hint);
  for (const [name, event] of events) emitter.emit(name, revived(name, event) as QueueEvents[typeof name]);
}

function revived(name: PushedEvent[0], event: unknown): unknown {
  if (name !== 'worker:error') return event;
  return { ...(event as object), error: deserializeError((event as { readonly error: unknown }).error) };
}
