/** Where a job stands. A delayed job and a job parked in a lane are `pending`. */
export type JobState = 'pending' | 'active' | 'completed' | 'dead' | 'cancelled';

/** How the delay before the next attempt grows. Plain data, so that it can be stored with a job. */
export interface Backoff {
  readonly kind: 'exponential' | 'linear' | 'fixed';
  /** Delay in ms after the first failure. */
  readonly initialMs: number;
  /** `exponential`: what each delay is multiplied by to give the next. */
  readonly factor?: number;
  /** `linear`: how many ms each further failure adds. */
  readonly stepMs?: number;
  /** No delay is longer than this, in ms. */
  readonly maxMs?: number;
  /** `full` spreads each delay evenly over 0…delay, as a hash of (job id, attempt); default `none`. */
  readonly jitter?: 'none' | 'full';
}

/** One failed attempt or crash, bounded to 2 KB of text. A job keeps its last 5. */
export interface JobError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** The attempt that failed, 1-based. */
  readonly attempt: number;
  /** When it failed, epoch ms. */
  readonly at: number;
}

/** What an enqueue may override for a single job; what is absent comes from the job's definition. */
export interface JobOverrides {
  readonly maxAttempts?: number;
  readonly maxCrashes?: number;
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
}

/** A job as reading answers it: a copy, nothing in it is shared with the store. */
export interface Job<Payload = unknown> extends JobOverrides {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** Version of the payload's shape, 1 unless the definition says otherwise. */
  readonly version: number;
  readonly state: JobState;
  /** Undefined also when what is stored cannot be read; once that was met by a claim, the job is dead and its last error says why. */
  readonly payload: Payload;
  /** Greater runs first, -100…100. */
  readonly priority: number;
  /** Order of acceptance inside the queue; the tie-break of FIFO. */
  readonly seq: number;
  readonly enqueuedAt: number;
  /** Not before this instant, epoch ms. */
  readonly runAt: number;
  /** The running attempt, or the next: 1 + failures. */
  readonly attempt: number;
  readonly failures: number;
  /** How often an owner vanished in the middle. Never counted as a failure. */
  readonly crashes: number;
  /** The last errors, oldest first. */
  readonly errors: readonly JobError[];
  readonly lane?: string;
  readonly idempotencyKey?: string;
  /** Waits in its lane behind another job. */
  readonly parked: boolean;
  /** While `active`: who holds the lease, its fence, until when, the last progress stored. */
  readonly lease?: { readonly workerId: string; readonly fence: number; readonly until: number };
  readonly progress?: unknown;
  readonly finishedAt?: number;
}

/** `high` 10, `normal` 0, `low` -10. */
export type Priority = number | 'high' | 'normal' | 'low';

/** What happens to an enqueue whose idempotency key is held by a live job. */
export type OnDuplicate = 'keep' | 'replace' | 'debounce';

/** One that is being made, field by field: one object, however few of its optional fields are there. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };
