import type { Place } from './place.ts';

export interface Lease extends Place {
  readonly fence: number;
  leaseMs: number;
  readonly size: number;
  readonly lane?: string;
  /** What of its row may stay when it is done: it is looked at then. */
  remembered: boolean;
  readonly expiresAt?: number;
  /** Its row's. */
  owes?: readonly string[];
  /** Its row has a `since`. */
  readonly marked?: true;
  /** It asks whether a closed target can be reached. */
  readonly probe?: true;
  /** No closed target gives it back: it tries one, or its name is without the rule. */
  readonly free?: true;
  until: number;
  cancelRequested?: boolean;
  /** Cancelled if it has not begun, see `CancelRequest.waiting`. */
  cleared?: boolean;
  progress?: unknown;
}

/** All that one worker has claimed in one queue: one row, so that a claim writes once and rewrites no job. */
export interface Claims {
  readonly workerId: string;
  /** Since when there has been this row. Absent: it was written by an older version. */
  readonly since?: number;
  /** The worker proves its life (see `Store.signOfLife`): when that proof fails, it is gone. */
  proven?: boolean;
  /** The worker's host may end it at any time: see `ExchangeRequest.evictable`. */
  readonly evictable?: true;
  leases: Lease[];
}

/** The jobs that are claimed, whoever has them. */
export function claimedIds(claims: readonly Claims[]): Set<string> {
  const ids = new Set<string>();
  for (const claim of claims) for (const lease of claim.leases) ids.add(lease.id);
  return ids;
}
