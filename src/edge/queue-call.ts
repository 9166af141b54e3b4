import type {
  CancelAnswer,
  Counts,
  Drained,
  DrainOptions,
  EnqueueAnswer,
  Explanation,
  ExtendAnswer,
  Job,
  JobError,
  JobState,
  ListAnswer,
  Met,
  RedriveAnswer,
  RemoveAnswer,
  SerializedError,
  SettleAnswer,
} from '../core/index.ts';
import type { SentSpec } from '../core/queue/sent-spec.ts';
import type { Layout } from './layout.ts';

/** A job on its way to the object. No instant travels, as the clocks of the two ends differ: `runAt` became a delay. */
export type SentJob = SentSpec;

/** What was thrown; when it was is the object's to say. */
export type SentJobError = Omit<JobError, 'at'>;

/** An outcome whose delays count from when the object hears of it. */
export type SentOutcome =
  | { readonly kind: 'complete' | 'cancelled' | 'unbegun' }
  | {
      readonly kind: 'retry';
      readonly delayMs: number;
      readonly error: SentJobError;
      /** No job of this name is claimed for this long. */
      readonly holdMs?: number;
    }
  | { readonly kind: 'release'; readonly delayMs: number }
  | { readonly kind: 'bury'; readonly error: SentJobError };

/** How an attempt that failed met its target. Without `outageMs` the object's own holds. */
export type SentMeeting = Omit<Met, 'outageMs'> & Partial<Pick<Met, 'outageMs'>>;

export interface SentSettlement {
  readonly id: string;
  readonly fence: number;
  readonly outcome: SentOutcome;
  readonly met?: SentMeeting;
}

interface OfId {
  readonly id: string;
}
/** Absent: the whole queue. */
interface MaybeName {
  readonly name?: string;
}
type Nothing = Readonly<Record<never, never>>;

/** What each kind of call carries beside its kind. */
export interface QueueCalls {
  readonly enqueue: { readonly jobs: readonly SentJob[] };
  /** Asks which jobs ids of the caller's own mean. */
  readonly known: { readonly ids: readonly string[] };
  readonly get: OfId;
  readonly cancel: OfId;
  readonly redrive: OfId;
  readonly remove: OfId;
  readonly list: {
    readonly state: JobState;
    readonly limit: number;
    readonly name?: string;
    readonly tag?: string;
    readonly cursor?: string;
  };
  readonly count: Nothing;
  readonly explain: OfId;
  readonly pause: MaybeName;
  readonly resume: MaybeName;
  readonly hold: { readonly name: string; readonly delayMs: number };
  readonly drain: Omit<DrainOptions, 'leaseMs' | 'signal'>;
  readonly claim: {
    readonly workerId: string;
    /** Job names, and the newest payload version understood of each. */
    readonly names: readonly { readonly name: string; readonly version: number }[];
    readonly limit: number;
    readonly leaseMs: number;
    readonly idle: boolean;
  };
  readonly settle: { readonly workerId: string; readonly settlements: readonly SentSettlement[] };
  readonly extend: {
    readonly workerId: string;
    readonly leases: readonly { readonly id: string; readonly fence: number; readonly progress?: unknown }[];
    readonly leaseMs: number;
  };
  /** Asks the home of the queue to take the caller's number of shards; tells other objects of it. */
  readonly layout: Nothing;
}

/** Instants in answers are of the object's clock. */
export interface QueueAnswers {
  readonly enqueue: readonly EnqueueAnswer[];
  readonly known: readonly (string | undefined)[];
  readonly get: Job | undefined;
  readonly cancel: CancelAnswer;
  readonly redrive: RedriveAnswer;
  readonly remove: RemoveAnswer;
  readonly list: ListAnswer;
  readonly count: Counts;
  readonly explain: Explanation | undefined;
  readonly pause: undefined;
  readonly resume: undefined;
  readonly hold: undefined;
  readonly drain: Drained;
  readonly claim: {
    readonly jobs: readonly { readonly job: Job; readonly fence: number }[];
    /** How long until asking again is worth it; absent: nothing waits. */
    readonly nextMs?: number;
  };
  readonly settle: readonly SettleAnswer[];
  readonly extend: readonly ExtendAnswer[];
  /** Whether home knew another number. */
  readonly layout: boolean;
}

export type CallKind = keyof QueueCalls;

/** What a client sends to an object: plain data. */
export type QueueCall<Kind extends CallKind = CallKind> = {
  [K in Kind]: { readonly kind: K /** Absent: not compared. */; readonly layout?: Layout } & QueueCalls[K];
}[Kind];

/** What an object answers: plain data. */
export type QueueReply<Kind extends CallKind = CallKind> =
  | { readonly answer: QueueAnswers[Kind] }
  | { readonly error: SerializedError }
  /** Nothing was done: the object knows another number of shards, or none. The caller asks home, and calls again. */
  | { readonly unsettled: true };
