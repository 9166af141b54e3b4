import { goingBack } from './begin.ts';
import { type Claimed, claim } from './claim.ts';
import type { Claims, Lease } from './claims-row.ts';
import { openControl } from './clock.ts';
import type { Codec } from './codec.ts';
import { leaveStream, moveClaimable } from './control.ts';
import type { Control } from './control-row.ts';
import { type Fallen, type Features, hooksOf, wantedAt } from './features.ts';
import type { Job } from './job.ts';
import { dropCancelled, isCancelled, standBack, waitingUntil } from './lease-ends.ts';
import { liftOutages } from './lift.ts';
import type { ExchangeAnswer, ExchangeRequest } from './messages.ts';
import { renewNameMarks } from './name-marks.ts';
import { closedTargets, forgetTargets, newsOf, noFindings } from './outage.ts';
import { buryOverdue } from './overdue.ts';
import { owesMore, workOffOwed } from './owed.ts';
import { present, someOf } from './present.ts';
import type { Rows, Rule } from './rows.ts';
import { sealSettlements } from './sealed-outcomes.ts';
import { settle } from './settle.ts';
import { read, type Step } from './step.ts';
import { leaveMarks } from './worked.ts';

/**
 * Settles the finished and claims the next: the worker's hot path, one control row and one claim row written. Seals what
 * handlers enqueued at once; what is answered runs in a transaction.
 */
export function exchange(codec: Codec, request: ExchangeRequest, features: Features): Rule<ExchangeAnswer> {
  const sealed = sealSettlements(codec, request.settle, features);
  return function* (rows, now) {
    const control = yield* openControl(rows, now);
    if (control === undefined)
      return {
        settled: request.settle.map(() => 'stale'),
        jobs: [],
        ...(request.runs !== undefined && { unseen: true }),
      };
    const claims = yield* read(rows.claims());
    const believed = request.runs !== undefined && leaveMarks(control, request.runs, now);
    const marked = renewNameMarks(rows, control, now) || believed;
    const mine = claims.find(({ workerId }) => workerId === request.workerId) ?? newClaims(request, now);
    const { owed } = control;
    const before = mine.leases;
    const returned = yield* giveBackUnknown(rows, control, mine, request, now);
    const heard = yield* hear(rows, control, mine, request, now);
    const findings = noFindings();
    const settled = yield* settle(rows, control, mine, request, sealed, now, findings);
    const lifted = request.claim?.lift === true && (yield* lift(rows, control, now));
    const goBack = goingBack(control, mine.leases, request.unbegun, now);
    const overdue = yield* buryOverdue(rows, control, now);
    const fallen: Fallen = { buried: [], cancelled: [] };
    const workedOff = yield* workOffOwed(rows, control);
    let wentOn = workedOff !== undefined;
    for (const feature of features.turns)
      wentOn = (yield* feature.turns(rows, control, now, fallen)) || wentOn;
    const claimed: Claimed = request.claim
      ? yield* claim(rows, control, claims, mine, request.claim, now)
      : { jobs: [] };
    const { jobs } = claimed;
    const buried = allOf(overdue, fallen.buried, claimed.buried);
    const answered = settled.some((answer) => answer !== 'stale');
    const changed = [returned, heard, answered, lifted, jobs.length > 0, buried, overdue, wentOn].some(
      Boolean,
    );
    if (changed) {
      forgetTargets(control, [...claims, mine]);
      rows.putClaims(mine);
    }
    if (marked || changed) rows.putControl(control);
    const nextAt = earliest(
      claimed.nextAt,
      control.setBack === undefined && !workedOff?.more ? wantedAt(features, control, now) : now,
    );
    return present<ExchangeAnswer>({
      settled,
      ...claimed,
      goBack: someOf(goBack),
      buried,
      cancelled: someOf(fallen.cancelled),
      nextAt,
      wentOn: wentOn || undefined,
      owes: owesMore(control, owed) || undefined,
      goesOn: control.setBack && true,
      outage: findings.any ? newsOf(findings) : undefined,
      closedTargets: closedTargets(control, now),
      freed: isFreed(rows, control, before, mine.leases) || undefined,
    });
  };
}

function isFreed(rows: Rows, control: Control, before: readonly Lease[], after: readonly Lease[]): boolean {
  for (const feature of hooksOf(rows).frees) if (feature.frees(control, before, after)) return true;
  return false;
}

const lift = (rows: Rows, control: Control, now: number): Step<boolean> =>
  liftOutages(rows, control, now, (row, due) => {
    leaveStream(control, row);
    moveClaimable(rows, control, row, waitingUntil(row, due, now));
  });

const earliest = (a: number | undefined, b: number | undefined): number | undefined =>
  b === undefined || (a !== undefined && a < b) ? a : b;

/** Undefined: nobody was buried. */
const allOf = (...lists: readonly (readonly Job[] | undefined)[]): readonly Job[] | undefined =>
  someOf(lists.flatMap((jobs) => jobs ?? []));

/** What the worker says to features. */
function* hear(
  rows: Rows,
  control: Control,
  mine: Claims,
  request: ExchangeRequest,
  now: number,
): Step<boolean> {
  let changed = false;
  for (const feature of hooksOf(rows).hears)
    changed = (yield* feature.hears(rows, control, mine, request, now)) || changed;
  return changed;
}

/** Leases that came with a lost answer: nobody runs their jobs. */
function* giveBackUnknown(
  rows: Rows,
  control: Control,
  mine: Claims,
  request: ExchangeRequest,
  now: number,
): Step<boolean> {
  if (request.held === undefined) return false;
  const held = new Set(request.held);
  // One that was settled under an older fence is claimed anew, by the answer that was lost. It may be settled under both.
  const isKnown = ({ id, fence }: Lease) =>
    held.has(id) || request.settle.some((one) => one.id === id && one.fence === fence);
  const unknown = mine.leases.filter((lease) => !isKnown(lease));
  mine.leases = mine.leases.filter(isKnown);
  for (const lease of unknown) {
    control.active -= 1;
    if (isCancelled(lease, true)) yield* dropCancelled(rows, control, lease, now);
    else yield* standBack(rows, control, lease, now);
  }
  return unknown.length > 0;
}

const newClaims = ({ workerId, evictable }: ExchangeRequest, since: number): Claims =>
  evictable ? { workerId, since, evictable, leases: [] } : { workerId, since, leases: [] };
