import { detached } from './attached.ts';
import { noteUnburied } from './buried-keys.ts';
import type { Claims, Lease } from './claims-row.ts';
import { openControl } from './clock.ts';
import type { Codec } from './codec.ts';
import { newControl, setHold } from './control.ts';
import type { Control } from './control-row.ts';
import { type Edited, editedFields } from './edited.ts';
import type { FinalRow, Found } from './job-row.ts';
import { freeKey } from './key-memory.ts';
import { dropWaiting, endHalt, leaveLane } from './lane.ts';
import type {
  CancelAnswer,
  CancelRequest,
  RedriveAnswer,
  RedriveRequest,
  RemoveAnswer,
  SelectRequest,
} from './messages.ts';
import { laneOf } from './order.ts';
import { forgetIdleTargets } from './outage.ts';
import { tellGone } from './owed.ts';
import { revive } from './revive.ts';
import type { Rows, Rule } from './rows.ts';
import { read, type Step } from './step.ts';

/** Runs `each` over the ids and keeps the control row. */
function* overIds<Answer>(
  rows: Rows,
  { ids }: SelectRequest,
  now: number,
  each: (control: Control, found: Found) => Step<Answer>,
): Step<(Answer | 'unknown')[]> {
  const control = yield* openControl(rows, now);
  const answers: (Answer | 'unknown')[] = [];
  for (const id of ids) {
    const found = control && (yield* read(rows.find(id)));
    answers.push(found === undefined ? 'unknown' : yield* each(control as Control, found));
  }
  // Those who wait for what has gone hear of it by the next exchange, which tells who ended thereby.
  if (control !== undefined) {
    yield* forgetIdleTargets(rows, control);
    rows.putControl(control);
  }
  return answers;
}

export function* cancel(rows: Rows, request: CancelRequest, now: number): Step<readonly CancelAnswer[]> {
  let leases: ReadonlyMap<string, Running> | undefined;
  return yield* overIds<CancelAnswer>(rows, request, now, function* (control, found) {
    if (found.at === 'finals') return 'finished';
    leases ??= leasesOf(yield* read(rows.claims()));
    const running = leases.get(found.row.id);
    if (running !== undefined) return requestCancel(rows, running, request.waiting ?? false);
    control.cancelled += 1;
    yield* dropWaiting(rows, control, found, now);
    return 'cancelled';
  });
}

interface Running {
  readonly claim: Claims;
  readonly lease: Lease;
}

/** By the id of their job: many may be asked for while many run. */
function leasesOf(claims: readonly Claims[]): ReadonlyMap<string, Running> {
  const leases = new Map<string, Running>();
  for (const claim of claims) for (const lease of claim.leases) leases.set(lease.id, { claim, lease });
  return leases;
}

/** `waits`: a handler that has begun goes on. */
function requestCancel(rows: Rows, { claim, lease }: Running, waits: boolean): CancelAnswer {
  lease[waits ? 'cleared' : 'cancelRequested'] = true;
  rows.putClaims(claim);
  return waits ? 'running' : 'requested';
}

/** Seals an edited payload at once; what is answered runs in a transaction. */
export function redrive(codec: Codec, request: RedriveRequest): Rule<readonly RedriveAnswer[]> {
  const { edit } = request;
  const edited = edit && editedFields(codec, edit);
  return (rows, now) => redriveIds(rows, request, edited, now);
}

function* redriveIds(
  rows: Rows,
  request: RedriveRequest,
  edited: Edited | undefined,
  now: number,
): Step<readonly RedriveAnswer[]> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return request.ids.map(() => 'unknown');
  const { alone = false } = request;
  const answers: RedriveAnswer[] = [];
  let asked = request.ids.map((id, i) => ({ id, i }));
  // In whatever order they are named: what waits for another of them is asked again once that lives.
  for (let left = asked.length + 1; asked.length > 0 && asked.length < left; ) {
    left = asked.length;
    for (const { id, i } of asked) {
      const found = yield* read(rows.find(id));
      if (found?.at !== 'finals' || found.row.state !== 'dead') {
        answers[i] = found === undefined ? 'unknown' : 'not-dead';
        continue;
      }
      const job = edited === undefined ? found.row.job : { ...detached(found.row.job), ...edited };
      answers[i] = yield* revive(rows, control, found.row, { job, edited: edited !== undefined, alone }, now);
    }
    asked = asked.filter(({ i }) => answers[i] === 'blocked');
  }
  yield* forgetIdleTargets(rows, control);
  rows.putControl(control);
  return answers;
}

export function* remove(rows: Rows, request: SelectRequest, now: number): Step<readonly RemoveAnswer[]> {
  return yield* overIds<RemoveAnswer>(rows, request, now, function* (control, found) {
    if (found.at !== 'finals') return 'live';
    yield* freeKey(rows, control, found.row.job);
    yield* discard(rows, control, found.row, now);
    return 'removed';
  });
}

/** A job that ended goes for good. If it halted its lane, that goes on. */
export function* discard(rows: Rows, control: Control, row: FinalRow, now: number): Step<void> {
  dropFinal(rows, control, row);
  // Nobody brings it back any more.
  if (row.state === 'dead') yield* noteUnburied(rows, control, row.job);
  yield* tellGone(rows, control, row.job);
  if (row.job.haltsLane === undefined) return;
  endHalt(rows, control, row.job);
  yield* leaveLane(rows, control, laneOf(row.job), now);
}

export function dropFinal(rows: Rows, control: Control, row: FinalRow): void {
  rows.dropFinal(row);
  control[row.state === 'dead' ? 'dead' : 'remembered'] -= 1;
}

export function* hold(rows: Rows, request: { name: string; until: number }, now: number): Step<void> {
  const control = (yield* openControl(rows, now)) ?? newControl(now);
  setHold(control, 'name', request.name, request.until);
  rows.putControl(control);
}
