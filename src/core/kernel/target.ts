import { hashFraction } from './backoff.ts';
import type { Control } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import { aimed } from './order.ts';
import type { Place } from './place.ts';
import { present } from './present.ts';
import type { Closed, Spot, Target } from './target-record.ts';

/** An attempt that its target may have failed. */
export interface Failure {
  readonly id: string;
  readonly reason: string;
  readonly at: Spot;
  /** The instant at which it began. */
  readonly began: number;
  readonly retryAfterMs?: number;
  /** Nothing else will get through either. */
  readonly closes?: true;
  /** It was the probe. */
  readonly probe: boolean;
  /** Others got through since this job first failed; and that was so before, too. */
  readonly hasEvidence: boolean;
  readonly isKnown: boolean;
  /** Jobs of the target that wait or run, this one included. */
  readonly there: number;
}

/** So many different jobs have to fail in a row; where fewer are there, all of them, and never one alone. */
const IN_A_ROW = 3;
const NEVER_ALONE = 2;
/** Whoever got through in so short a time says more than a refusal. */
const JUST_NOW_MS = 1_000;
const RAMP_BEGIN = 2;
const RAMP_END = 16;
const FIRST_WAIT_MS = 1_000;
/** Waits are that much longer at most, by hash: targets that closed together are not probed together for ever. */
const SPREAD = 0.1;
const MAX_STEP = 40;
/** A probe that somebody hopes for, as the network may be back, comes that long after the last at the earliest. */
export const LIFT_MS = 5_000;

export const targetOf = ({ name, target = name }: Pick<Place, 'name' | 'target'>): string => target;

/** As a key: one that no name of a property is. */
const keyOf = (target: string): string => `to ${target}`;

export function recordOf({ targets }: Control, target: string): Target | undefined {
  return targets?.[keyOf(target)];
}

/** What is known by name; the names of those that are closed or ramp among them. */
export const knownTargets = ({ targets = {} }: Control): [name: string, record: Target][] =>
  Object.entries(targets).map(([key, record]) => [key.slice(keyOf('').length), record]);

export function putTarget(control: Control, target: string, record: Target): void {
  control.targets = { ...control.targets, [keyOf(target)]: record };
}

export function dropTarget(control: Control, target: string): void {
  const { [keyOf(target)]: _, ...rest } = control.targets ?? {};
  if (Object.keys(rest).length === 0) delete control.targets;
  else control.targets = rest;
}

/** How long the wait of this step is: it doubles from 1 s to `maxMs`, plus up to a tenth. */
export function waitMs(step: number, maxMs: number, seed: string): number {
  const ms = Math.min(maxMs, FIRST_WAIT_MS * 2 ** step);
  return ms + Math.floor(ms * SPREAD * hashFraction(aimed(String(step), seed)));
}

/** Nobody gets through, and one probe at a time finds out. */
export const isClosed = ({ closed }: Target): boolean => closed !== undefined && closed.allowed === undefined;

/** Whether others got through since the job first failed. While nobody does, what was before says nothing. */
export function hasEvidence(
  record: Target | undefined,
  { id, since }: Pick<JobRow, 'id' | 'since'>,
): boolean {
  const through = record?.through;
  if (record === undefined || through === undefined || since === undefined || isClosed(record)) return false;
  return through.id !== id && through.at > since;
}

/** The present, less the time for which it was closed: what is held against its jobs goes by this clock. */
export function openClock({ closed, closedMs = 0 }: Target, now: number): number {
  return now - closedMs - (closed === undefined ? 0 : Math.max(0, now - closed.since));
}

/** The target after an attempt that got through. */
export function afterThrough(record: Target, id: string, now: number): Target {
  const { failed: _, closed, ...rest } = record;
  const through = { at: now, id };
  if (closed === undefined) return { ...rest, through };
  const allowed = closed.allowed === undefined ? RAMP_BEGIN : 2 * closed.allowed;
  if (allowed <= RAMP_END) return { ...rest, through, closed: { ...closed, allowed } };
  return { ...rest, through, closedMs: now - openClock(record, now) };
}

/** The target after an attempt that it may have failed. */
export function afterFailure(
  record: Target,
  failure: Failure,
  name: string,
  maxMs: number,
  now: number,
): Target {
  const { closed, through } = record;
  const { id, reason, retryAfterMs, hasEvidence } = failure;
  /** Nobody gets through, from now on or still: the next probe waits for its step, or for as long as the server asks. */
  const shut = ({ asked: _, allowed: _allowed, ...before }: Closed): Target => {
    const { failed: _failed, ...rest } = record;
    const ms = waitMs(before.step, maxMs, name);
    return retryAfterMs !== undefined && retryAfterMs > ms
      ? { ...rest, closed: { ...before, reason, heldMs: retryAfterMs, asked: true } }
      : { ...rest, closed: { ...before, reason, heldMs: ms } };
  };
  const throughAt = through?.at ?? Number.NEGATIVE_INFINITY;
  const { failed: before = [] } = record;
  const failed = before.includes(id) ? before : [...before, id];

  if (closed === undefined) {
    const close = () => shut({ since: now, reason, step: 0, heldMs: 0, at: now, cursor: failure.at });
    // A sign-in that is missing for one job only says nothing of the others.
    const isItsOwn = retryAfterMs === undefined && hasEvidence;
    if (failure.closes && !isItsOwn && throughAt < now - JUST_NOW_MS) return close();
    if (hasEvidence || throughAt > failure.began) return record;
    const enough = Math.min(IN_A_ROW, Math.max(NEVER_ALONE, failure.there));
    return failed.length >= enough ? close() : { ...record, failed };
  }
  if (closed.allowed === undefined && !failure.probe) return patient(record, closed, failure, now);
  if (closed.allowed !== undefined) {
    // Those that others got through before are excused, as long as they are few.
    if (failure.isKnown || throughAt > failure.began) return record;
    if (hasEvidence && failed.length < IN_A_ROW) return { ...record, failed };
  }
  return shut({ ...closed, step: Math.min(MAX_STEP, closed.step + 1), at: now });
}

/** What comes late asks for patience, perhaps for more than is meant already. */
function patient(record: Target, closed: Closed, { retryAfterMs = 0 }: Failure, now: number): Target {
  const heldMs = now - closed.at + retryAfterMs;
  return retryAfterMs > 0 && heldMs > closed.heldMs
    ? { ...record, closed: { ...closed, heldMs, asked: true } }
    : record;
}

/** The next probe is behind this one. */
export function afterTry(record: Target, at: Spot, now: number): Target {
  const { closed } = record;
  if (closed === undefined) return record;
  const cursor = { rank: at.rank, due: at.due, seq: at.seq };
  const probed = closed.allowed === undefined ? { ...closed, at: now } : closed;
  const goesOn = closed.cursor !== undefined && isBehind(at, closed.cursor) && at.due < roundOf(closed);
  return { ...record, closed: { ...probed, cursor, roundAt: goesOn ? (closed.roundAt ?? now) : now } };
}

const isBehind = (one: Spot, other: Spot): boolean =>
  (one.rank - other.rank || one.due - other.due || one.seq - other.seq) > 0;

/** When it came to the first of its jobs: one that is due since then, as it failed by itself, say, has its turn in the next round. */
export const roundOf = ({ roundAt = Number.POSITIVE_INFINITY }: Closed): number => roundAt;

/**
 * The network may be back: the next probe goes now, but not so soon after the last; what a server asked for is left. By the user's own word
 * (`anew`) it goes at once, and waits begin small again.
 */
export function lifted(record: Target, now: number, anew: boolean): Target {
  const { closed } = record;
  if (closed === undefined || (closed.asked && !anew)) return record;
  const sinceMs = Math.max(0, now - closed.at);
  if (anew) {
    const { asked: _, ...rest } = closed;
    return { ...record, closed: { ...rest, step: 0, heldMs: Math.min(closed.heldMs, sinceMs) } };
  }
  return { ...record, closed: { ...closed, heldMs: Math.min(closed.heldMs, Math.max(LIFT_MS, sinceMs)) } };
}

/** The clock was set back to this instant, for the how manyth time: nothing was later. */
export function setBack(record: Target, now: number, times: number): Target {
  const { through, closed } = record;
  const right = present<Target>({
    ...record,
    through: through && { ...through, at: Math.min(through.at, now) },
    closed: closed && closedBy(closed, now),
  });
  return { ...right, setBack: { times, at: now, openAt: openClock(right, now) } };
}

/**
 * Since when a job fails, and from which instant on that is held against it: no later than now. What a clock said that was set back since is no
 * later than that step either.
 */
export function heldSince(
  record: Target,
  { since, against, setBacks = 0 }: Pick<JobRow, 'since' | 'against' | 'setBacks'>,
  now: number,
): { readonly since: number; readonly against: number } {
  const clock = openClock(record, now);
  const { at, openAt } =
    record.setBack !== undefined && setBacks < record.setBack.times
      ? record.setBack
      : { at: now, openAt: clock };
  return {
    since: since === undefined ? now : Math.min(since, at, now),
    against: against === undefined ? clock : Math.min(against, openAt, clock),
  };
}

const closedBy = (closed: Closed, now: number): Closed =>
  present<Closed>({
    ...closed,
    since: Math.min(closed.since, now),
    at: Math.min(closed.at, now),
    roundAt: closed.roundAt && Math.min(closed.roundAt, now),
  });
