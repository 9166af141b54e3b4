import type { Job, JobError } from '../job.ts';
import type { ClosedTarget } from '../messages.ts';

/**
 * What happens here, in this context, as it happens. Lossy: the store is the truth. Outcomes are told after their commit,
 * so a job is never reported done when it was not.
 */
export interface QueueEvents {
  'job:enqueued': { readonly id: string; readonly name: string };
  'job:duplicate': { readonly id: string; readonly name: string };
  /** A waiting job is gone, as it made room for one that was enqueued here: see `onFull`. */
  'job:dropped': { readonly id: string; readonly name: string };
  'job:started': { readonly job: Job };
  'job:progress': { readonly job: Job; readonly value: unknown };
  'job:log': { readonly job: Job; readonly message: string };
  'job:completed': { readonly job: Job; readonly result: unknown };
  /**
   * `counted: false`: its target failed it, not the job, so that no attempt was counted. It then runs at `runAt` at the earliest, and not before
   * its target is open.
   */
  'job:retried': {
    readonly job: Job;
    readonly error: JobError;
    readonly runAt: number;
    readonly counted?: false;
  };
  /** An attempt here found that nobody gets through: jobs of this target wait, and one at a time finds out whether it is back. */
  'target:closed': ClosedTarget;
  /** Its jobs run as before. */
  'target:opened': { readonly target: string };
  'job:released': { readonly job: Job; readonly runAt: number };
  /** Also when its owners vanished too often: told by the worker that found it so. */
  'job:dead': { readonly job: Job; readonly error: JobError };
  'job:cancelled': { readonly id: string };
  /** The outcome came too late: another worker holds the job now, and its outcome counts. */
  'job:stale': { readonly job: Job };
  /** While it ran; its signal was aborted. */
  'lease:lost': { readonly job: Job };
  /** With a name: only jobs of that name. */
  /** A tick brought jobs, fired by a worker here. */
  'schedule:fired': { readonly id: string; readonly jobs: readonly string[] };
  /** Ticks from that instant on brought none: they were missed, or the last job was live and must not be overlapped. */
  'schedule:skipped': { readonly id: string; readonly at: number; readonly reason: 'missed' | 'overlap' };
  'queue:paused': { readonly queue: string; readonly name?: string };
  'queue:resumed': { readonly queue: string; readonly name?: string };
  /** A worker here has nothing to do for now. */
  'queue:idle': { readonly queue: string };
  /**
   * The store failed a worker, which keeps what it has and tries again. Without `workerId`: a listener threw, a gate failed, or a
   * middleware did when its job was stored already.
   */
  'worker:error': { readonly workerId?: string; readonly error: unknown };
}

export type EventName = keyof QueueEvents;

/** A throwing listener breaks nothing: the others hear, and its error is told as `worker:error`. */
export class Emitter {
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  /** To be called also for a change that has no event. Must not throw. */
  readonly changed: () => void;

  constructor(onChange: () => void) {
    this.changed = onChange;
  }

  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    const those = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, those.add(listener));
    return () => those.delete(listener);
  }

  emit<Name extends EventName>(name: Name, event: QueueEvents[Name]): void {
    const those = this.#listeners.get(name) as Set<(event: QueueEvents[Name]) => void> | undefined;
    if (those !== undefined) for (const listener of those) this.#call(name, listener, event);
    // An error changes nothing that could be read; and it may be of who listens for changes.
    if (name !== 'worker:error') this.changed();
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
