/** The longest that anything waits before it is tried again. */
export const MAX_PAUSE_MS = 30_000;
const PAUSE_MS = 250;

/** How long to wait before the next try, after so many in vain before this one: doubling. */
export const pauseMs = (before: number): number => Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** before);
