import {
  DEPENDENT,
  ENDED,
  FLOWS,
  type FlowControl,
  type FlowRow,
} from '../../core/features/flows/flow-row.ts';
import { join, seqKey } from '../../core/kernel/order.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { read, type Step } from '../../core/kernel/step.ts';
import type { Found } from './found.ts';

const PAGE = 1_000;
/** At the end of what is wrong with those that wait for others, and with what says so. */
export const OF_FLOWS = '(flows)';

/** What is wrong with what flows keep. */
export function* auditFlows(rows: Rows, found: Found): Step<readonly string[]> {
  return [...(yield* waitsWrong(rows, found)), ...(yield* leftOver(rows, found))];
}

/** Who waits for others is told by each of them: it will be, or it is being. */
function* waitsWrong(rows: Rows, { claims, parked }: Found): Step<string[]> {
  const wrong: string[] = [];
  const owed = yield* read(rows.recordsAfter('owed', join(FLOWS, ''), PAGE));
  for (const { id, seq, blockedBy = [] } of parked as readonly FlowRow[])
    for (const other of blockedBy) {
      if ((yield* read(rows.record(DEPENDENT, seqKey(other, seq)))) === undefined)
        wrong.push(`${id} waits for ${other}, which does not know of it ${OF_FLOWS}`);
      const found = yield* read(rows.find(other));
      const leases = claims.flatMap((claim) => claim.leases).filter((lease) => lease.id === other);
      const isLive = found !== undefined && found.at !== 'finals';
      const tells =
        isLive && (found.row as FlowRow).awaited && leases.every(({ owes }) => owes?.includes(FLOWS));
      const [ended] = yield* read(rows.recordsAfter(ENDED, seqKey(other, seq - 1), 1));
      const isOwed = owed.some(({ key, value }) => key.startsWith(join(FLOWS, '')) && value.job.id === other);
      if (!tells && !isOwed && ended?.value.id !== other)
        wrong.push(`${id} waits for ${other}, which tells nobody ${OF_FLOWS}`);
    }
  return wrong;
}

/** Once all have ended and heard of it, nothing says any more who waited for whom. */
function* leftOver(rows: Rows, { control, jobs, parked }: Found): Step<string[]> {
  const { ended, owed }: FlowControl = control;
  if (ended || owed?.includes(FLOWS)) return [];
  const untold = yield* read(rows.recordsAfter(ENDED, '', 1));
  const waiting: { key: string }[] = [];
  // Who is dead may live again with those that it waits for.
  for (const { key, value } of jobs.length + parked.length > 0
    ? []
    : yield* read(rows.recordsAfter(DEPENDENT, '', PAGE))) {
    const found = yield* read(rows.find(value.id));
    if (found?.at !== 'finals' || found.row.state !== 'dead') waiting.push({ key });
  }
  return [...untold, ...waiting].map(({ key }) => `${JSON.stringify(key)} is left over ${OF_FLOWS}`);
}
