/**
 * What is known of a target: whom the handlers of some jobs call. There is a record from the first failure of a live job on that may be the
 * target's, and it goes when no live job has had one (and the target is open).
 *
 *           three different jobs in a row failed by it,
 *           or it asked for patience, or for a sign-in          the probe failed: step + 1
 *   open ─────────────────────────────────────────▶ closed ───────────────────────┐
 *    ▲                                              │  ▲  ▲                       │
 *    │                        somebody gets through │  │  └───────────────────────┘
 *    │                                              ▼  │
 *    └──────────────────────────────────────────── ramp ┘ a failure, nobody got through since it began: step + 1
 *      a through at 16 in flight                    2 in flight, doubled by each through
 *
 * closed: one probe at a time, when `heldMs` have passed since the last.
 */
export interface Target {
  /** Live jobs that have a `since`. */
  readonly marked: number;
  /** The last that got through: when, and its id. */
  readonly through?: { readonly at: number; readonly id: string };
  /** Ids of different jobs that failed in a row since then. */
  readonly failed?: readonly string[];
  /** How long it was closed in all, before the present time. */
  readonly closedMs?: number;
  /** The last time that the clock was set back: which time that was, and the instant, also by the clock that stands while the target is closed. */
  readonly setBack?: { readonly times: number; readonly at: number; readonly openAt: number };
  readonly closed?: Closed;
}

export interface Closed {
  /** When it was closed first. */
  readonly since: number;
  readonly reason: string;
  /** How often a probe has failed: waits double by it. */
  readonly step: number;
  /** The next probe goes so long after `at`: a length, which no clock that is set right can prolong. */
  readonly heldMs: number;
  /** The last probe's begin, or its end if it failed. */
  readonly at: number;
  /** The server asked for that long. */
  readonly asked?: true;
  /** The place of the last that was tried: the next one is behind it. Absent: the first. */
  readonly cursor?: Spot;
  /** When it came to the first of them again; absent: not since it was closed. */
  readonly roundAt?: number;
  /** Ramp: so many may be in flight. */
  readonly allowed?: number;
}

/** A place in the order in which the jobs of a target are tried. */
export interface Spot {
  readonly rank: number;
  readonly due: number;
  readonly seq: number;
}

/** How far a target is open. */
export interface Gate {
  readonly target: string;
  /** So many of its jobs may be taken now. */
  readonly budget: number;
  /** When it may be more; Infinity: when something ends. */
  readonly nextAt: number;
  /** Whom it comes to next is behind that, and was due before the round began; absent: the first. */
  readonly behind?: Spot & { readonly roundAt: number };
}
