import type { Lease } from './claims-row.ts';
import { heldUntil } from './control.ts';
import type { Control } from './control-row.ts';
import { isPaused } from './pause.ts';
import { recordOf, targetOf } from './target.ts';

/**
 * What was claimed and has not begun must not begin now, whatever it was at its claim: somebody paused, held or cancelled it since, or
 * its target was closed. Its worker gives the lease back. The one place for every such word.
 */
export function mustGoBack(control: Control, lease: Lease, now: number): boolean {
  if (lease.cancelRequested || lease.cleared) return true;
  if (!lease.free && recordOf(control, targetOf(lease))?.closed !== undefined) return true;
  return isPaused(control, lease.name) || heldUntil(control, lease.name) > Math.max(now, control.lastNow);
}

/** Of the leases that their worker names as not begun, the ids of those that must go back. */
export function goingBack(
  control: Control,
  leases: readonly Lease[],
  unbegun: readonly string[] | undefined,
  now: number,
): readonly string[] {
  if (unbegun === undefined || unbegun.length === 0) return [];
  const named = new Set(unbegun);
  return leases.filter((lease) => named.has(lease.id) && mustGoBack(control, lease, now)).map(({ id }) => id);
}
