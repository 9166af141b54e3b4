import { CLOCK_STEP_MS, followHolds } from './control.ts';
import type { Control, SetBack } from './control-row.ts';
import { hooksOf } from './features.ts';
import { type Correction, correctionOf, followJump, sureNow } from './jump.ts';
import type { Rows } from './rows.ts';
import { bringBack } from './set-back.ts';
import { read, type Step } from './step.ts';
import { knownTargets, putTarget, setBack } from './target.ts';
import { followMarks } from './worked.ts';

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
  const correction = correctionOf(jump, last, now, CLOCK_STEP_MS);
  control.lastNow = now;
  delete control.jump;
  const claims = yield* read(rows.claims());
  for (const feature of hooksOf(rows).clock) feature.clock(control, now, correction, claims);
  for (const claim of claims) {
    for (const lease of claim.leases) lease.until = now + lease.leaseMs;
    rows.putClaims(claim);
  }
  followHolds(control, now, through, correction);
  followMarks(control, correction);
  const times = (control.setBacks ?? 0) + 1;
  control.setBacks = times;
  for (const [target, record] of knownTargets(control))
    putTarget(control, target, setBack(record, now, times));
  control.setBack = begin(now, through, correction, control.setBack);
}

/** One that is noticed while the rows are gone through for another begins anew with them. */
function begin(
  at: number,
  through: number,
  correction: Correction,
  unfinished: SetBack | undefined,
): SetBack {
  const begun = { at, phase: 'timed', after: '' } as const;
  if (unfinished === undefined) return { ...begun, through, correction };
  const byMs = backMs(correction) + backMs(unfinished.correction);
  return { ...begun, through: Math.max(through, unfinished.through), correction: [{ from: 0, byMs }] };
}

/** How far the clock itself was set back. */
const backMs = ([first]: Correction): number => first?.byMs ?? 0;
