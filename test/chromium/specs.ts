import type { EverySpec } from '../../src/testing/every-feature.ts';

/** Any instant does. */
export const NOW = 1_750_000_000_000;

export function spec(id: string, more: Partial<EverySpec> = {}): EverySpec {
  return { id, known: false, name: 'push', version: 1, priority: 0, payload: { id }, ...more };
}

/** A claim of the whole of the name `push`. */
export function claimOf(workerId: string, limit = 10) {
  const names = { push: { version: 1, slots: limit } };
  return { queue: 'q', workerId, settle: [], claim: { names, limit, leaseMs: 30_000, idle: true } };
}
