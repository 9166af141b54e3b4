import { openControl } from '../../kernel/clock.ts';
import type { Control } from '../../kernel/control-row.ts';
import type { Departure } from '../../kernel/departure.ts';
import { hooksOf } from '../../kernel/features.ts';
import type { JobRow } from '../../kernel/job-row.ts';
import { sureNow } from '../../kernel/jump.ts';
import { forgottenAt } from '../../kernel/order.ts';
import { isOwedHere, workOffOwed } from '../../kernel/owed.ts';
import type { Rows } from '../../kernel/rows.ts';
import { dropFinal } from '../../kernel/steer.ts';
import { read, type Step } from '../../kernel/step.ts';
import { checkNone } from '../../operations/check-ids.ts';
import type { PublicOperation } from '../../queue/queue-operation.ts';
import { keptRow } from './retention.ts';

/** A page without this feature completed the job: its result is kept from now on, for as long as it would be there otherwise. */
export function* keepLate(rows: Rows, control: Control, { job, end, result, at }: Departure): Step<void> {
  // Its lease: it ends here, and what stays of it is written already.
  if (end !== 'completed' || job.damage !== undefined || !('failures' in job)) return;
  const row = job as JobRow;
  const done = { row, outcome: { kind: 'complete' }, result } as const;
  const kept = keptRow(rows, done, undefined, at);
  if (kept === undefined || forgottenAt(kept) <= sureNow(control, control.lastNow)) return;
  const found = yield* read(rows.find(row.id));
  // Another job has the id by now. One that had it before, and was owed too, gives way.
  if (found !== undefined && (found.at !== 'finals' || found.row.job.seq > row.seq)) return;
  if (found !== undefined) dropFinal(rows, control, found.row);
  rows.putFinal(kept);
  control.remembered += 1;
}

/** Hears what other pages owe, for who waits for a result and works nothing. Returns whether there is more. */
export const hearing: PublicOperation<object, boolean> = {
  name: 'hearOwed',
  kind: 'drainer',
  check: checkNone,
  rule: () =>
    function* (rows, now) {
      const control = yield* openControl(rows, now);
      if (control === undefined || !isOwedHere(hooksOf(rows), control)) return false;
      const heard = yield* workOffOwed(rows, control);
      rows.putControl(control);
      return heard?.more === true;
    },
  spread: async (call, args) => (await call.all(args)).includes(true),
};
