import type { Lease } from '../../kernel/claims-row.ts';
import type { Control } from '../../kernel/control-row.ts';
import type { JobRow } from '../../kernel/job-row.ts';
import type { FeatureKind } from '../../kernel/records.ts';

declare module '../../kernel/enqueue-messages.ts' {
  interface Keepable {
    rateKey: true;
  }
}

declare module '../../kernel/job.ts' {
  interface Job<Payload, Name extends string, Types extends JobTypes> {
    /** For which the rate of its name counts by itself. */
    readonly rateKey?: string;
  }
}

/** What rates keep in the rows of a queue. */

export type RateControl = Control & {
  /** By name: until when what began is paid for, see `rate.ts`. */
  rates?: Record<string, number>;
  /** The last record of a rate that was looked at, to forget it. */
  rateSweep?: string;
};

/** A token of a rate that is taken and not paid for. */
export interface Pays {
  /** It has begun by then, or never does. */
  readonly by: number;
  /** Of the rate: the ms of one token, and of a whole burst. */
  readonly intervalMs: number;
  readonly burstMs: number;
  readonly rateKey?: string;
}

/** `pays`: it takes a token of its rate, which is not paid for yet: when it began is not known. */
export type RateLease = Lease & { pays?: Pays };

export type RateRow = JobRow & {
  readonly rateKey?: string;
  /** By how much its due is later than its place in the line of its rate key, see `rate-line.ts`. */
  readonly putOff?: NonNullable<JobRow['putOff']> & { readonly lateMs?: number };
};

/** What is known of a rate's key, see `rate.ts`. Stored by name and rate key. */
export interface KeyRate {
  readonly paidAt: number;
  /** The last place of the key's line, absent: nobody stood in it. See `rate-line.ts`. */
  readonly last?: number;
  /** How much later than its place each in the line has its turn. */
  readonly lag?: number;
  /** How often the clock had been set back when it was written; absent: never. */
  readonly setBacks?: number;
}

export const KEY_RATES = 'rate' as FeatureKind<KeyRate>;
