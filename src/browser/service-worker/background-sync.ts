import {
  type Definitions,
  type Drained,
  type Handlers,
  InvalidOptionError,
  type Queue,
  type WorkerOptions,
} from '../../core/index.ts';
import { contextOf } from '../../core/queue/context.ts';
import { checkKnown, checkMs, checkText } from '../../core/queue/options.ts';
import type { ServiceWorkerScope } from './scope.ts';
import { SyncListener } from './sync-listener.ts';
import { tagOf } from './sync-message.ts';
import { SyncRun } from './sync-run.ts';

export interface BackgroundSyncOptions
  extends Pick<WorkerOptions, 'concurrency' | 'leaseMs' | 'timeoutGraceMs' | 'overlapAfterMs'> {
  /** The tag of its sync events, which `requestSync` registers. Default: `holdfast:<queue name>`. */
  readonly tag?: string;
  /** The tag of periodic syncs that you register, if you do. Default: none is listened to. */
  readonly periodicTag?: string;
  /**
   * How long an event may take, in ms, before what is not done is given back. Default and maximum 170,000: Chromium ends a sync event after
   * three minutes. Minimum 1,000.
   */
  readonly deadlineMs?: number;
  /**
   * How long an event that has nothing to do waits for retries that become due, and for what other tabs run, in ms. It holds the service worker
   * awake; a shorter one leaves more to the browser's next try, minutes later. Default 60,000. Minimum 0.
   */
  readonly waitForMs?: number;
  /** How long running handlers may go on when a new version takes over or `stop` is called, in ms. Default 5,000. Minimum 0. */
  readonly graceMs?: number;
  /** Default: the global scope. */
  readonly scope?: ServiceWorkerScope;
}

export interface BackgroundSync {
  readonly tag: string;
  /** Asks the browser for a sync event; where there is none, runs what is due without one. After `stop` it does nothing. Never rejects. */
  register(): Promise<void>;
  /**
   * Runs what is due, now, as a sync event does; calls at the same time share it. To keep the service worker alive meanwhile, hand the promise to
   * an event's `waitUntil`. Rejects with StoreClosedError. After `stop` it runs nothing, and resolves with zeros and a `nextAt` of now.
   */
  run(): Promise<Drained>;
  /** Listens no more, for good, and ends what runs within `graceMs`. What is left stays stored. */
  stop(): Promise<void>;
}

const OPTIONS = [
  ...['tag', 'periodicTag', 'deadlineMs', 'waitForMs', 'graceMs', 'scope'],
  ...['concurrency', 'leaseMs', 'timeoutGraceMs', 'overlapAfterMs'],
];
const MAX_DEADLINE_MS = 170_000;

/**
 * Runs a queue's jobs in a service worker, whenever the browser wakes it for them. Call it while the script is first evaluated:
 * browsers want all listeners by then.
 *
 * @example
 * // sw.ts
 * const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes-app') });
 * backgroundSync(queue, { 'note.push': async (note, { signal }) => send('/notes', { method: 'POST', body: note.text, signal }) });
 *
 * @throws InvalidOptionError, UnknownJobError, StoreClosedError at once
 */
export function backgroundSync<Jobs extends Definitions>(
  queue: Queue<Jobs>,
  handlers: Handlers<NoInfer<Jobs>>,
  given: BackgroundSyncOptions = {},
): BackgroundSync {
  const context = contextOf(queue);
  context.checkOpen();
  const {
    tag = tagOf(queue),
    periodicTag,
    deadlineMs = MAX_DEADLINE_MS,
    waitForMs = 60_000,
    graceMs = 5_000,
    scope = globalThis as unknown as ServiceWorkerScope,
    ...worker
  } = checkKnown('backgroundSync options', given, OPTIONS);
  if (periodicTag !== undefined) checkText('periodicTag', periodicTag);
  if (checkMs('deadlineMs', deadlineMs, 1_000) > MAX_DEADLINE_MS)
    throw new InvalidOptionError('deadlineMs', deadlineMs, `at most ${MAX_DEADLINE_MS}`);
  const run = new SyncRun(context, handlers, worker, {
    deadlineMs,
    waitForMs: checkMs('waitForMs', waitForMs),
    graceMs: checkMs('graceMs', graceMs),
  });
  const listener = new SyncListener(run, context, scope, checkText('tag', tag), periodicTag);
  return {
    tag,
    register: () => listener.register(),
    run: () => listener.run(),
    stop: () => listener.stop(),
  };
}
