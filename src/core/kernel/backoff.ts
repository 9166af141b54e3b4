import type { Backoff } from './job.ts';

/** The delay in ms after the given failure (1-based), before jitter. */
function baseDelay(backoff: Backoff, failure: number): number {
  const max = backoff.maxMs ?? Number.MAX_SAFE_INTEGER;
  switch (backoff.kind) {
    case 'fixed':
      return Math.min(max, backoff.initialMs);
    case 'linear':
      return Math.min(max, backoff.initialMs + (failure - 1) * (backoff.stepMs ?? backoff.initialMs));
    case 'exponential':
      // Not 0 × factor ** many, which is 0 × Infinity.
      return backoff.initialMs === 0
        ? 0
        : Math.min(max, backoff.initialMs * (backoff.factor ?? 2) ** (failure - 1));
  }
}

/**
 * The delay in ms from the failure to the next attempt. Full jitter (AWS Architecture Blog, 2015: "Exponential Backoff And
 * Jitter") is a hash of (id, failure): spread between jobs, the same each time it is asked.
 */
export function retryDelay(backoff: Backoff, id: string, failure: number): number {
  const delay = baseDelay(backoff, failure);
  return Math.round(backoff.jitter === 'full' ? delay * hashFraction(`${id} ${failure}`) : delay);
}

/** FNV-1a with a final mix, as a fraction in [0, 1). */
export function hashFraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const CRASH_INITIAL_MS = 1_000;
const CRASH_MAX_MS = 300_000;

/**
 * The delay in ms after the given crash (1-based). The first is free: most crashes are a closed tab, and its user waits.
 */
export function crashDelay(crashes: number): number {
  return crashes < 2 ? 0 : Math.min(CRASH_MAX_MS, CRASH_INITIAL_MS * 2 ** (crashes - 2));
}
