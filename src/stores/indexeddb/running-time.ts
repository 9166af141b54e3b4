import type { SetTimer } from '../../core/timer.ts';

/**
 * A bound is waited for in so many parts. A timer that comes late counts as one: time in which this page was frozen, asleep or busy is not
 * held against anybody else.
 */
export const PARTS = 10;

/** Calls back once this page has run for `ms`; returns what cancels it. */
export function afterRunning(setTimer: SetTimer, ms: number, callback: () => void): () => void {
  let left = PARTS;
  const next = (): (() => void) => {
    left -= 1;
    return setTimer(() => {
      if (left > 0) cancel = next();
      else callback();
    }, ms / PARTS);
  };
  let cancel = next();
  return () => cancel();
}
