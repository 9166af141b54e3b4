import type { Context } from '../queue/context.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import type { Emitter } from '../queue/emitter.ts';
import type { Environment } from '../queue/environment.ts';
import type { Feature } from '../queue/feature.ts';
import type { Line } from '../queue/line.ts';
import type { OutageOptions } from '../queue/outage-options.ts';
import type { QueueOperation } from '../queue/queue-operation.ts';
import type { SharedLimits } from '../queue/shared-limits.ts';
import type { AttemptHost, Runnable } from './attempt.ts';
import type { ComingHolds } from './coming-holds.ts';
import type { Left } from './left.ts';
import type { MakeWorkPart } from './work-part.ts';

/** A handler with what features put around it, and its definition. */
export interface Work extends Runnable {
  readonly definition: JobDefinition;
}

/** What the workers of a queue share. */
export interface QueueSetup {
  readonly context: Context;
  readonly name: string;
  readonly line: Line;
  readonly environment: Required<Environment>;
  readonly emitter: Emitter;
  /** In their order. */
  readonly use: readonly Feature[];
  readonly chain: AttemptHost['chain'];
  /** What features do in each of them. */
  readonly parts: readonly MakeWorkPart[];
  readonly shared: SharedLimits;
  readonly outage: Required<OutageOptions>;
  /** The host of this context may end it at any time. */
  readonly evictable: { readonly evictable?: true };
  /** Carries out an operation, and tells nobody: a worker knows itself what it did. */
  run<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args): Promise<Answer>;
}

/** What a worker is made of, every option resolved. */
export interface WorkerSetup extends QueueSetup {
  readonly works: ReadonlyMap<string, Work>;
  /** By which others know of these: see `worked.ts`. */
  readonly runs: readonly string[];
  readonly left: Left;
  readonly comingHolds: ComingHolds;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly timeoutGraceMs: number;
  readonly overlapAfterMs: number;
  readonly maxJobs: number | undefined;
  /** It settled something that may let other workers here go on, or must stop what they have claimed ahead: no store tells them. */
  readonly onFreed: (hint: 'work' | 'cancel') => void;
  /** A hold is coming, or the store has it now: for all workers here. */
  readonly onHold: (isStored: boolean) => void;
}
