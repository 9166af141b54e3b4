import type { JobError } from '../kernel/job.ts';
import type { ClosedTarget, Counts } from '../kernel/messages.ts';
import type { Definitions, JobOf, ResultOf, TypesOf } from './definitions.ts';

/**
 * What happens here, in this context, as it happens. Lossy: the store is the truth. Outcomes are told after their commit,
 * so a job is never reported done when it was not.
 */
export interface QueueEvents<Jobs extends Definitions = Definitions> {
  'job:enqueued': Named<Jobs>;
  'job:duplicate': Named<Jobs>;
  /** A waiting job is gone, as it made room for one that was enqueued here: see `drop`. */
  'job:dropped': Named<Jobs>;
  'job:started': { readonly job: JobOf<Jobs> };
  'job:progress': {
    readonly job: JobOf<Jobs>;
    readonly value: TypesOf<Jobs[keyof Jobs]>['progress'];
  };
  'job:log': { readonly job: JobOf<Jobs>; readonly message: string };
  'job:completed': { readonly job: JobOf<Jobs>; readonly result: ResultOf<Jobs[keyof Jobs]> };
  /**
   * `counted: false`: its target failed it, not the job, so that no attempt was counted. It then runs at `runAt` at the earliest, and not before
   * its target is open.
   */
  'job:retried': {
    readonly job: JobOf<Jobs>;
    readonly error: JobError;
    readonly runAt: number;
    readonly counted?: false;
  };
  /** An attempt here found that nobody gets through: jobs of this target wait, and one at a time finds out whether it is back. */
  'target:closed': ClosedTarget;
  /** Its jobs run as before. */
  'target:opened': { readonly target: string };
  'job:released': { readonly job: JobOf<Jobs>; readonly runAt: number };
  /** Also when its owners vanished too often: told by the worker that found it so. */
  'job:dead': { readonly job: JobOf<Jobs>; readonly error: JobError };
  'job:cancelled': { readonly id: string };
  /**
   * The outcome of this run counts for nothing: when it came, the lease was not this worker's any more. Another worker had taken the job over,
   * or the job is gone: cancelled, purged, or lost with its database (see `store:lost`).
   */
  'job:stale': { readonly job: JobOf<Jobs> };
  /**
   * A handler runs on here though its attempt is over: it did not heed its signal. Told once a handler, when it outlives its time and grace or the
   * stop of its worker, or when its lease was lost and the job is here again. If the job is to run again, it does not begin here
   * before the handler ends or `until`, see `overlapAfterMs`.
   */
  'job:stuck': { readonly job: JobOf<Jobs>; readonly until: number };
  /** While it ran: another worker may have the job, or it is gone. Its signal was aborted. */
  'lease:lost': { readonly job: JobOf<Jobs> };
  /** With a name: only jobs of that name. */
  /** A tick brought jobs, fired by a worker here. */
  'schedule:fired': { readonly id: string; readonly jobs: readonly string[] };
  /**
   * Ticks from that instant on brought none: they were missed, or the last job was live and must not be overlapped. `changed`: they were due and
   * not fired yet when its recurrence was changed here; `ticks`: the latest of them, at most 100.
   */
  'schedule:skipped': {
    readonly id: string;
    readonly at: number;
    readonly reason: 'missed' | 'overlap' | 'changed';
    readonly ticks?: readonly number[];
  };
  'queue:paused': { readonly queue: string; readonly name?: string };
  'queue:resumed': { readonly queue: string; readonly name?: string };
  /** A worker here has nothing to do for now. */
  'queue:idle': { readonly queue: string };
  /**
   * A call was given up, as nothing moved in the database for `waitedMs`: another tab seems to be frozen in the middle of a transaction, or does not
   * let go of an older version. Workers try again; whoever called hears StoreBlockedError.
   */
  'store:blocked': { readonly queue: string; readonly waitedMs: number };
  /** The database was upgraded by a newer version of the app: this page must be loaded anew. Its workers end. */
  'store:outdated': { readonly queue: string };
  /**
   * What was stored is gone, as the user or a script deleted the database while it was in use; the queue goes on with a new, empty one. `jobs`:
   * those that workers here held. `counts`: the last that were read here, of the queue as it was; absent: none were. An app can tell its
   * user, or enqueue again what it still has.
   */
  'store:lost': { readonly queue: string; readonly jobs: readonly HeldJob[]; readonly counts?: Counts };
  /**
   * 80 % of what the browser lets this origin store is used, or something could not be stored for want of room. Once until there is room again,
   * and only measured while somebody listens: when new work is stored, at most once a minute. Bytes, of the whole origin; absent where
   * the browser does not say. An app can tell its user, delete what it does not need, or enqueue less.
   */
  'store:low': {
    readonly queue: string;
    readonly usage?: number | undefined;
    readonly quota?: number | undefined;
  };
  /**
   * The store failed a worker, which keeps what it has and tries again. Without `workerId`: a listener threw, a gate failed, or a
   * middleware did when its job was stored already.
   */
  'worker:error': { readonly workerId?: string; readonly error: unknown };
}

/** A job by its name. */
type Named<Jobs extends Definitions> = {
  [Name in keyof Jobs & string]: { readonly id: string; readonly name: Name };
}[keyof Jobs & string];

export type EventName = keyof QueueEvents;

/** A job that a worker of this context had claimed. */
export interface HeldJob {
  readonly id: string;
  readonly name: string;
}

/** Nothing that could be read is different; and they may be of who reads when something has changed. */
const CHANGE_NOTHING: readonly EventName[] = ['worker:error', 'store:blocked', 'store:outdated', 'store:low'];

/** A throwing listener breaks nothing: the others hear, and its error is told as `worker:error`. */
export class Emitter {
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  readonly #watchers = new Set<() => void>();
  /** Hears each event, before the listeners. */
  log: ((name: EventName, event: object) => void) | undefined;

  /** Calls back for each event that changes something, and for changes without one. `watcher` must not throw. Returns what ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** To be called for a change that has no event. */
  changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    const those = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, those.add(listener));
    return () => those.delete(listener);
  }

  emit<Name extends EventName>(name: Name, event: QueueEvents[Name]): void {
    const { log } = this;
    if (log !== undefined) this.#call(name, (said) => log(name, said), event);
    const those = this.#listeners.get(name) as Set<(event: QueueEvents[Name]) => void> | undefined;
    if (those !== undefined) for (const listener of those) this.#call(name, listener, event);
    if (this.#watchers.size > 0 && !CHANGE_NOTHING.includes(name)) this.changed();
  }

  /** What it throws, or an async one rejects with, is told. */
  #call<Event>(name: EventName, listener: (event: Event) => unknown, event: Event): void {
    try {
      const answer = listener(event);
      if (answer instanceof Promise) answer.catch((error) => this.#tell(name, error));
    } catch (error) {
      this.#tell(name, error);
    }
  }

  #tell(name: EventName, error: unknown): void {
    if (name !== 'worker:error') this.emit('worker:error', { error });
  }
}
