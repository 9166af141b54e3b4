import type { Claims, Lease } from './claims-row.ts';
import type { Control } from './control-row.ts';
import type { ClaimRequest } from './messages.ts';

/**
 * Limits over all workers. What is active is counted from the leases, which each claim reads anyway, so that no counter can drift. A lease
 * that ran out counts until it is taken back: its handler may still run.
 */
export interface ActiveLimits {
  /** Slots left by name. */
  readonly slots: Map<string, number>;
  /** Jobs left to take. */
  readonly limit: number;
  /** Whether the queue's own `maxActive` is what cuts `limit`. */
  readonly isCut: boolean;
}

export function underLimits(
  request: Pick<ClaimRequest, 'names' | 'limit' | 'maxActive'>,
  claims: readonly Claims[],
): ActiveLimits {
  const slots = new Map<string, number>();
  let active: ReadonlyMap<string, number> | undefined;
  for (const [name, asked] of Object.entries(request.names)) {
    slots.set(name, asked.slots);
    if (asked.maxActive === undefined) continue;
    active ??= activeByName(claims);
    slots.set(name, Math.max(0, Math.min(asked.slots, asked.maxActive - (active.get(name) ?? 0))));
  }
  if (request.maxActive === undefined) return { slots, limit: request.limit, isCut: false };
  const all = claims.reduce((sum, { leases }) => sum + leases.length, 0);
  const left = Math.max(0, request.maxActive - all);
  return { slots, limit: Math.min(request.limit, left), isCut: left <= request.limit };
}

export function activeByName(claims: readonly Claims[]): Map<string, number> {
  const active = new Map<string, number>();
  for (const { leases } of claims)
    for (const { name } of leases) active.set(name, (active.get(name) ?? 0) + 1);
  return active;
}

/** Under which limit a job of the name is claimed. */
export function limitOf(request: ClaimRequest, name: string): Lease['limited'] {
  if (request.maxActive !== undefined) return 'queue';
  return request.names[name]?.maxActive === undefined ? undefined : 'name';
}

/** Whether places under a limit are free that were not, and something waits for them: who waits elsewhere has to be told. */
export function leavesRoom(control: Control, before: readonly Lease[], after: readonly Lease[]): boolean {
  if (!before.some(({ limited }) => limited !== undefined)) return false;
  const freed = new Map<string, number>();
  let all = 0;
  const count = (leases: readonly Lease[], by: number) => {
    for (const { name, limited } of leases) {
      if (limited === undefined) continue;
      freed.set(name, (freed.get(name) ?? 0) + by);
      if (limited === 'queue') all += by;
    }
  };
  count(before, 1);
  count(after, -1);
  return control.streams.some(({ name }) => all > 0 || (freed.get(name) ?? 0) > 0);
}
