/** Calls back once, in `ms` or later; returns what cancels it. */
export type SetTimer = (callback: () => void, ms: number) => () => void;

/** Timers hold 31 bits of ms: a longer one would fire at once, so it is made of several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The platform's timer. */
export const systemTimer: SetTimer = (callback, ms) => {
  let left = ms;
  const next = (): ReturnType<typeof setTimeout> => {
    const part = Math.min(left, MAX_TIMER_MS);
    left -= part;
    return setTimeout(() => {
      if (left > 0) timer = next();
      else callback();
    }, part);
  };
  let timer = next();
  return () => clearTimeout(timer as never); // Each platform has a type of its own for it.
};
