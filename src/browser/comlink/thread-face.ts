import type { EnqueueOptions, Job, SerializedError } from '../../core/index.ts';
import type { Giving } from '../../core/queue/feature.ts';
import type { Guest, Welcome } from './face.ts';

/** By which a pool knocks at a thread. */
export const POOL = 'pool';

/** What a thread of a pool is asked for, over comlink. */
export interface ThreadFace {
  hello(guest: Guest, say: Say): Promise<Welcome>;
  /** Calls the handler. Never rejects with what that throws. */
  run(task: Task): Promise<TaskEnd>;
  /** Aborts the signal of this task. */
  abort(task: number, reason: SerializedError): Promise<void>;
  ping(): Promise<void>;
}

/** What handlers in a thread get more: checkpoints. */
export interface ThreadContext<Checkpoint = unknown> {
  /** Leaves a value for the next attempt. Resolves with false where the queue has no `checkpoints` in use: it is not stored. */
  checkpoint(value: Checkpoint): Promise<boolean>;
}

export interface ThreadGiving extends Giving {
  readonly context: ThreadContext<
    this['types'] extends { readonly checkpoint: infer Value } ? Value : unknown
  >;
}

/** An attempt, as it goes to a thread: in one message, so that what `payload` and `job` share is one there, too. */
export interface Task {
  readonly id: number;
  readonly name: string;
  readonly payload: unknown;
  readonly job: Job;
  readonly attempt: number;
  readonly tries: number;
  readonly fence: number;
}

/** What a handler says while it runs. */
export type Word = 'progress' | 'checkpoint' | 'extend' | 'log';
export type Say = (task: number, word: Word, value?: unknown) => unknown;

/** What a handler came to. What it enqueued goes with its completion. */
export type TaskEnd =
  | { readonly how: 'returned'; readonly result: unknown; readonly enqueued: readonly Enqueued[] }
  | { readonly how: 'threw'; readonly error: SerializedError; readonly stack?: string | undefined }
  | { readonly how: 'released'; readonly delayMs: number };

export interface Enqueued {
  readonly name: string;
  readonly payload: unknown;
  readonly options: EnqueueOptions;
}
