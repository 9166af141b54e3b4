import type { Claims, Lease } from '../../kernel/claims-row.ts';
import type { Control } from '../../kernel/control-row.ts';
import type { ClaimTerms } from '../../kernel/features.ts';
import type { Limits } from './name-limits.ts';

/** `limited`: claimed under a limit over all workers, of its name alone or of the queue. */
export type LimitLease = Lease & { limited?: 'name' | 'queue' };

/**
 * Limits over all workers. What is active is counted from the leases, which each claim reads anyway, so that no counter can drift. A lease
 * that ran out counts until it is taken back: its handler may still run.
 */
export function lowerToLimits(claim: ClaimTerms, { names, maxActive }: Limits): void {
  const { claims, slots } = claim;
  let active: ReadonlyMap<string, number> | undefined;
  for (const [name, asked] of slots) {
    const most = names.get(name)?.maxActive;
    if (most === undefined) continue;
    active ??= activeByName(claims);
    slots.set(name, Math.max(0, Math.min(asked, most - (active.get(name) ?? 0))));
  }
  if (maxActive === undefined) return;
  const left = Math.max(0, maxActive - allActive(claims));
  claim.isCut ||= left <= claim.limit;
  claim.limit = Math.min(claim.limit, left);
}

/** Whether limits leave room for a job of a name. Where they do not, somebody holds a lease: its end is told, or watched. */
export function roomUnder(
  { names, maxActive }: Limits,
  claims: readonly Claims[],
): (name: string) => boolean {
  if (maxActive !== undefined && allActive(claims) >= maxActive) return () => false;
  const active = activeByName(claims);
  return (name) => (active.get(name) ?? 0) < (names.get(name)?.maxActive ?? Number.POSITIVE_INFINITY);
}

export const allActive = (claims: readonly Claims[]): number =>
  claims.reduce((sum, { leases }) => sum + leases.length, 0);

export function activeByName(claims: readonly Claims[]): Map<string, number> {
  const active = new Map<string, number>();
  for (const { leases } of claims)
    for (const { name } of leases) active.set(name, (active.get(name) ?? 0) + 1);
  return active;
}

/** Under which limit a job of the name is claimed. */
export function limitOf({ names, maxActive }: Limits, name: string): LimitLease['limited'] {
  if (maxActive !== undefined) return 'queue';
  return names.get(name)?.maxActive === undefined ? undefined : 'name';
}

/** Whether places under a limit are free that were not, and something waits for them: who waits elsewhere has to be told. */
export function leavesRoom(
  control: Control,
  before: readonly LimitLease[],
  after: readonly LimitLease[],
): boolean {
  if (!before.some(({ limited }) => limited !== undefined)) return false;
  const freed = new Map<string, number>();
  let all = 0;
  const count = (leases: readonly LimitLease[], by: number) => {
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
