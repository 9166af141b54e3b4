import type { Drained } from '../../core/index.ts';

/** Chromium tries a sync again after 5 and after 15 minutes more (background_sync_parameters.cc): what is due by then is worth a try. */
const TRIED_AGAIN_WITHIN_MS = 20 * 60_000;

/** Browsers end a service worker that has had nothing to do for 30 seconds. */
const LOOK_AT_MOST_EVERY_MS = 20_000;
/** Pages that post no message enqueue, too. */
const LOOK_AT_LEAST_EVERY_MS = 5 * 60_000;

/**
 * Whether a sync has to be tried again: something is due or soon will be, waits for its server, or is run elsewhere and comes back if that
 * vanishes. A job that is due tomorrow wakes nobody today.
 */
export function isLeft({ nextAt, activeElsewhere, closed }: Drained, now: number): boolean {
  if (activeElsewhere > 0 || closed.length > 0) return true;
  return nextAt !== undefined && nextAt <= now + TRIED_AGAIN_WITHIN_MS;
}

/** When there was a look last, and what is known to become due. */
export interface Looked {
  readonly at: number;
  readonly nextAt: number | undefined;
}

/** Whether an event that says nothing of jobs is used to look for some. */
export function isWorthALook(looked: Looked | undefined, now: number): boolean {
  // A clock that was set back must not put it off.
  if (looked === undefined || now < looked.at) return true;
  if (now < looked.at + LOOK_AT_MOST_EVERY_MS) return false;
  return now >= Math.min(looked.nextAt ?? now + 1, looked.at + LOOK_AT_LEAST_EVERY_MS);
}
