import { detached } from './attached.ts';
import { claimedIds } from './claims-row.ts';
import { openControl } from './clock.ts';
import type { Codec } from './codec.ts';
import { leaveStream, moveClaimable } from './control.ts';
import type { Control } from './control-row.ts';
import { type Edited, editedFields } from './edited.ts';
import { forgetAge, watchAge } from './expiry.ts';
import type { Draft } from './job.ts';
import type { JobRow, Live } from './job-row.ts';
import type { EditAnswer, EditRequest } from './messages.ts';
import { lacks } from './needs.ts';
import { startAge, withoutTime } from './new-row.ts';
import type { Rows, Rule } from './rows.ts';
import { read } from './step.ts';

/**
 * Changes jobs that wait: payload, priority, time. Each keeps its id, its seq, its lane, its key and its failures. Seals the payload at once; what is
 * answered runs in a transaction.
 */
export function edit(codec: Codec, request: EditRequest): Rule<readonly EditAnswer[]> {
  const edited = request.edit && editedFields(codec, request.edit);
  return function* (rows, now) {
    const control = yield* openControl(rows, now);
    if (control === undefined) return request.ids.map(() => 'unknown');
    const claimed = claimedIds(yield* read(rows.claims()));
    const answers: EditAnswer[] = [];
    for (const id of request.ids) {
      const found = yield* read(rows.find(id));
      if (found === undefined) answers.push('unknown');
      else if (found.at === 'finals') answers.push('finished');
      else if (found.row.damage !== undefined) answers.push('unreadable');
      // Its worker has read the payload, or is about to.
      else if (claimed.has(id)) answers.push('running');
      else if (lacks(rows, found.row)) answers.push('needs-feature');
      else {
        replace(rows, control, found, changed(found.row, edited, request, now));
        answers.push('edited');
      }
    }
    rows.putControl(control);
    return answers;
  };
}

function changed(row: JobRow, edited: Edited | undefined, request: EditRequest, now: number): JobRow {
  const { priority } = request;
  const next: JobRow = edited === undefined ? row : { ...detached(row), ...edited };
  return retimed(priority === undefined ? next : { ...next, rank: -priority }, request, now);
}

/** As an enqueue would have it now. What is due, and to be due, keeps its place. */
function retimed(row: JobRow, { runAt, delayMs }: EditRequest, now: number): JobRow {
  if (runAt === undefined && delayMs === undefined) return row;
  const at = Math.max(now, runAt ?? now + (delayMs ?? 0));
  if (at === now && row.due <= now) return row;
  // It no longer waits for its target.
  const { spared: _, ...rest } = withoutTime(row);
  const next: Draft<JobRow> = { ...rest, runAt: at, due: Math.max(1, at) };
  if (at > now && runAt !== undefined) next.named = true;
  else if (at > now) next.waitMs = at - now;
  if (row.expiresAt !== undefined) startAge(next, now);
  return next;
}

function replace(rows: Rows, control: Control, { at, row }: Live, next: JobRow): void {
  control.bytes += next.size - row.size;
  if (next.expiresAt !== row.expiresAt) {
    forgetAge(rows, row);
    watchAge(rows, control, next);
  }
  if (at === 'parked') {
    rows.park(next);
    return;
  }
  leaveStream(control, row);
  moveClaimable(rows, control, row, next);
}
