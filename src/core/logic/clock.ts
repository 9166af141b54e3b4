import { CLOCK_STEP_MS, followHolds, pullTicks, type WrongClock } from './control.ts';
import { followJump, sureNow } from './jump.ts';
import { followRates } from './rate.ts';
import { type Control, type Rows, read, type SetBack, type Step } from './rows.ts';
import { bringBack } from './set-back.ts';
import { knownTargets, putTarget, setBack } from './target.ts';

/** The control row, once the clock was looked at. Undefined: nothing was ever enqueued. */
export function* openControl(rows: Rows, now: number): Step<Control | undefined> {
  const control = yield* read(rows.control());
  if (control !== undefined) yield* followClock(rows, control, now);
  return control;
}

/** Whether `followClock` would write: the clock was set back, or the last instant seen is not kept closely enough. */
export function clockMoved({ lastNow, setBack, jump }: Control, now: number): boolean {
  return setBack !== undefined || jump !== undefined || Math.abs(now - lastNow) > CLOCK_STEP_MS;
}

/**
 * If the clock was set back, nothing that waits for a length of time waits longer than that from now on, and what was due by the old clock is
 * due now. What is in the queue's row and in the leases is so at once; jobs and records are gone through, a bounded part of them in a call,
 * by this call and the next ones: see `set-back.ts`. Answers whether rows of jobs may have moved.
 */
export function* followClock(rows: Rows, control: Control, now: number): Step<boolean> {
  const last = control.lastNow;
  if (now < last - CLOCK_STEP_MS) {
    yield* noticeSetBack(rows, control, now);
  } else {
    const jumped = followJump(control, now);
    control.lastNow = Math.max(last, now);
    // Kept also by those who change nothing else, but not more often than it could matter.
    if (jumped || now > last + CLOCK_STEP_MS) rows.putControl(control);
  }
  if (control.setBack === undefined) return false;
  const claims = yield* read(rows.claims());
  yield* bringBack(rows, control, claims);
  rows.putControl(control);
  return true;
}

function* noticeSetBack(rows: Rows, control: Control, now: number): Step<void> {
  const { lastNow: last, jump } = control;
  // What came by a clock that is in doubt has not come.
  const through = sureNow(control, last);
  control.lastNow = now;
  delete control.jump;
  for (const claim of yield* read(rows.claims())) {
    for (const lease of claim.leases) {
      lease.until = now + lease.leaseMs;
      if (lease.pays !== undefined) lease.pays = { ...lease.pays, by: lease.pays.by - (last - now) };
    }
    rows.putClaims(claim);
  }
  followHolds(control, now, { last, through, wrongFrom: jump?.at });
  pullTicks(control, now);
  followRates(control, last - now, jump?.at);
  for (const [target, record] of knownTargets(control)) putTarget(control, target, setBack(record, now));
  control.setBacks = (control.setBacks ?? 0) + 1;
  control.setBack = begin(now, { last, through, wrongFrom: jump?.at }, control.setBack);
  delete control.oldestDead;
}

/** One that is noticed while the rows are gone through for another begins anew with them. */
function begin(
  at: number,
  { last, through, wrongFrom }: WrongClock,
  unfinished: SetBack | undefined,
): SetBack {
  return {
    at,
    through: Math.max(through, unfinished?.through ?? through),
    byMs: last - at + (unfinished?.byMs ?? 0),
    ...(wrongFrom !== undefined && unfinished === undefined && { wrongFrom }),
    phase: 'timed',
    after: '',
  };
}
