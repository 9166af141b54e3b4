/**
 * A laptop that slept and a clock that was set forward look alike: a call comes long after the last one. Until a later look says the same,
 * nothing is ended or forgotten that was not over before: what has an age waits, neither begun nor buried; keys, ids, results, holds and debts
 * stay. States: sure (no `jump`) → a call comes late → in doubt (`jump`) → looks go on → sure; or the clock goes back → sure, as if nothing had been.
 */
export interface Jump {
  /** The last instant that is sure. From the jump on, time goes on from here. */
  readonly from: number;
  /** The first instant after it. */
  readonly at: number;
  /**
   * It came while another was in doubt, which came at `at`; `last`: the instant before this one. The third ends that doubt: who looks seldom must
   * not be in doubt for ever.
   */
  readonly again?: { readonly at: number; readonly last: number };
}

/** What a queue knows of its clock. */
export interface SeenClock {
  /** The latest `now` seen. */
  lastNow: number;
  /** The clock has jumped forward, or nobody looked for long; absent: neither, or it is sure by now. Replaced, not changed in place. */
  jump?: Jump;
}

/** Workers look twice a minute, in hidden tabs about once: nobody who is there stays away longer than this, or little longer. */
const AWAY_MS = 45_000;
/** How long a jump is in doubt: clocks that are wrong when a device wakes are mostly set right within a minute. */
const DOUBT_MS = 90_000;
/** Jobs whose age is in doubt that one claim passes by: behind more of them the rest of their stream waits with them. */
export const MAX_DOUBTS = 100;
/** Two looks at this distance are two: a visit that has had them, and a later one, agree. */
const TWO_LOOKS_MS = 5_000;

/** Follows a clock that goes on. Answers whether anything changed. */
export function followJump(clock: SeenClock, now: number): boolean {
  const { jump, lastNow } = clock;
  const isLate = now - lastNow > (jump === undefined ? AWAY_MS : DOUBT_MS + AWAY_MS);
  if (isLate) {
    const stays = jump !== undefined && !jump.again && lastNow - jump.at < TWO_LOOKS_MS;
    clock.jump = stays
      ? { from: jump.from, at: now, again: { at: jump.at, last: lastNow } }
      : { from: lastNow, at: now };
    return true;
  }
  if (jump === undefined || now - jump.at < DOUBT_MS) return false;
  delete clock.jump;
  return true;
}

/** How far back instants go that were told by a clock that was ahead: those from `from` on, until those of the one before. */
export type Correction = readonly { readonly from: number; readonly byMs: number }[];

/** The clock says `now`, and said `last`. Each clock before a jump was right, unless this one is behind that too: then it was ahead already. */
export function correctionOf(jump: Jump | undefined, last: number, now: number, driftMs: number): Correction {
  const byMs = last - now;
  if (jump === undefined) return [{ from: 0, byMs }];
  const { from, at, again } = jump;
  const before = (first: number, end: number) => ({
    from: first,
    byMs: now < end - driftMs ? end + (last - at) - now : 0,
  });
  return [
    { from: at, byMs },
    ...(again === undefined ? [] : [before(again.at, again.last)]),
    before(0, from),
  ];
}

export const corrected = (instant: number, correction: Correction): number =>
  instant - (correction.find(({ from }) => instant >= from)?.byMs ?? 0);

/** The instant by which what is over is over for sure. */
export function sureNow({ jump }: SeenClock, now: number): number {
  return jump === undefined ? now : Math.min(now, jump.from + Math.max(0, now - jump.at));
}

/** When an instant that has come, or is to come, is over for sure, if looks go on. */
export function sureAt({ jump }: SeenClock, instant: number): number {
  if (jump === undefined) return instant;
  return Math.max(instant, jump.at + Math.min(DOUBT_MS, instant - jump.from));
}
