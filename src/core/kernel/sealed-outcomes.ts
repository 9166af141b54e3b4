import { sealAttached } from './attached.ts';
import type { Codec } from './codec.ts';
import { sealJobs } from './enqueue.ts';
import type { Features } from './features.ts';
import type { Attached, FinalRow } from './job-row.ts';
import type { ExchangeRequest, Outcome, Settlement } from './messages.ts';
import { sealResult } from './retention.ts';
import type { SealedJob } from './sealed-job.ts';

/** What handlers made, sealed before anything is written. */
export interface Sealed {
  /** What those of completed jobs enqueued. */
  readonly chained: ReadonlyMap<Outcome, readonly SealedJob[]>;
  readonly results: ReadonlyMap<Outcome, FinalRow['result']>;
  readonly attached: ReadonlyMap<Settlement, Attached>;
}

/** Throws for what was enqueued and cannot be stored. */
export function sealSettlements(
  codec: Codec,
  settlements: ExchangeRequest['settle'],
  features: Features,
): Sealed {
  const chained = new Map<Outcome, readonly SealedJob[]>();
  const results = new Map<Outcome, FinalRow['result']>();
  const attached = new Map<Settlement, Attached>();
  for (const settlement of settlements) {
    const { outcome } = settlement;
    const sealed = sealAttached(codec, settlement.attach);
    if (sealed !== undefined) attached.set(settlement, sealed);
    if (outcome.kind !== 'complete') continue;
    if (outcome.enqueue !== undefined) chained.set(outcome, sealJobs(codec, outcome.enqueue, features));
    if (outcome.result !== undefined && !outcome.result.lost)
      results.set(outcome, sealResult(codec, outcome.result.value));
  }
  return { chained, results, attached };
}
