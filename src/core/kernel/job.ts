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

/** What becomes of a lane whose head dies: it goes on, or waits until the dead job is redriven or removed. */
export type OnLaneDeath = 'continue' | 'halt';

/** What an enqueue may override for a single job; what is absent comes from the job's definition. */
export interface JobOverrides {
  readonly maxAttempts?: number;
  readonly maxCrashes?: number;
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
  readonly maxAgeMs?: number;
}

/** What is told of a job beside its payload. The queue keeps it and shows it, and does nothing by it. */
export interface JobFacts {
  /** Texts by name, such as a trace's context: at most 32, a value of at most 1,024 characters, all together at most 4,096. */
  readonly headers?: Readonly<Record<string, string>>;
  /** At most 16 texts of at most 512 characters. */
  readonly tags?: readonly string[];
}

/**
 * Options of an enqueue that stay with their job, under these names: in its spec, in its row and in what reading shows. A new one is a line
 * here; its check, in the table of enqueue's options, is asked for by the compiler.
 */
export interface CarriedOptions extends JobOverrides, JobFacts {
  /** Jobs with the same lane run one at a time, in the order they were enqueued, across job names. */
  readonly lane?: string;
  /**
   * What becomes of the lane if this job dies as its head: the definition's by default. Only with `lane`.
   * Jobs that are read have `halt` or nothing.
   */
  readonly onLaneDeath?: OnLaneDeath;
  /**
   * Whom the handler will call for this job, such as the origin of a request: see `target` of the definition, whose it is by default. A name keeps
   * 64 of them apart; jobs of further ones share 64 more, and are read with one of 64 numbers. Absent from what is read: the job's name.
   *
   * @example
   * await queue.enqueue('webhook', event, { target: new URL(event.url).origin });
   */
  readonly target?: string;
  /** Same key and job name: one live job. What a second one does is `onDuplicate`'s. */
  readonly idempotencyKey?: string;
}

/** Types of what belongs to a job beside its payload, as its definition says them: see `job`. Features add theirs. */
export interface JobTypes {
  /** What its handler returns. */
  readonly result: unknown;
  /** What its handler gives to `progress`. */
  readonly progress: unknown;
}

/** The id of a job whose name is known to the compiler: a string, by which `get` and `result` know the job's types. */
export type JobId<Name extends string> = string & { readonly '~name'?: Name };

/**
 * A job as reading returns it: a copy, nothing in it is shared with the store. Features add what they keep of a job to it. The types are those of
 * today's definitions: what an older release stored is typed the same, as it is read and not parsed.
 */
export interface Job<Payload = unknown, Name extends string = string, Types extends JobTypes = JobTypes>
  extends CarriedOptions {
  readonly id: string;
  readonly queue: string;
  readonly name: Name;
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
  /** How often a service worker that ran it was ended in the middle. Every fifth time counts as a crash. Absent: never. */
  readonly evictions?: number;
  /** The last errors, oldest first. */
  readonly errors: readonly JobError[];
  /** The running attempt, or the next, with those that did not count as well; absent: `attempt`. At least: probes are not written. */
  readonly tries?: number;
  /** It is dead and still the head of its lane: nothing in the lane runs until it is redriven or removed. */
  readonly haltsLane?: boolean;
  /** Waits in its lane behind another job, or for jobs that it depends on. */
  readonly parked: boolean;
  /** `get` of a job that is parked in a halted lane: the id of the dead job that it waits for. */
  readonly haltedBy?: string;
  /** No attempt begins from this instant on, epoch ms: see `maxAgeMs`. */
  readonly expiresAt?: number;
  /** While `active`: who holds the lease, its fence, until when, the last progress stored. */
  readonly lease?: { readonly workerId: string; readonly fence: number; readonly until: number };
  readonly progress?: Types['progress'];
  readonly finishedAt?: number;
}

/** `high` 10, `normal` 0, `low` -10. */
export type Priority = number | 'high' | 'normal' | 'low';

/** How sure a job is on the disk when its enqueue resolves. */
export type Durability = 'strict' | 'relaxed';

/** What happens to an enqueue whose idempotency key is held. */
export type OnDuplicate = 'keep' | 'replace' | 'restart';

/** One that is being made, field by field: one object, however few of its optional fields are there. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };
