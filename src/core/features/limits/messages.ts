import type { ClaimedJob, ClaimRequest, ExchangeRequest, Settlement } from '../../kernel/messages.ts';

/** What a worker and the rules of rates say to each other: both are of one page. */

export type RateClaim = ClaimRequest & {
  /**
   * This worker says when attempts begin: a job of a name with a rate then begins within this many ms or goes back, and its token is paid by
   * the instant of the begin. Absent: what is claimed begins at once.
   */
  readonly beginWithinMs?: number;
};

export type RateExchange = ExchangeRequest & {
  /** Of what was to begin by an instant and runs: when it began. */
  readonly began?: readonly Began[];
};

export interface Began {
  readonly id: string;
  readonly fence: number;
  readonly at: number;
}

export type RateSettlement = Settlement & {
  /** When its attempt began, of a job that was to begin by an instant. */
  readonly beganAt?: number;
};

export type RateClaimed = ClaimedJob & {
  /** Its rate lets it begin until then, and not later: it then goes back as `unbegun`. Absent: whenever its lease holds. */
  readonly beginBy?: number;
  /** When it began; absent: it has not. The worker's own note. */
  readonly beganAt?: number;
};
