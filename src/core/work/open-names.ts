import type { ClaimRequest } from '../kernel/messages.ts';
import { knownName } from '../queue/shared-limits.ts';
import { closedBy } from '../queue/worker-hooks.ts';
import type { Runner } from './runner.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** The names that no feature closes, with their slots for a claim of so many where there are any, and with the versions understood. */
export function openNames(
  { works, concurrency, comingHolds, environment }: WorkerSetup,
  { hooks, attempts }: Runner,
  limit: number,
) {
  const names: Record<string, ClaimRequest['names'][string]> = {};
  const versions: Record<string, number> = {};
  for (const [name, { definition }] of works) {
    if (closedBy(hooks, name) !== undefined) continue;
    const known = knownName(definition);
    versions[name] = known.version;
    const slots = attempts.slotsOf(name, definition, limit, concurrency, hooks);
    if (slots > 0 && !comingHolds.isHeld(name, environment.now())) names[name] = { ...known, slots };
  }
  return { names, versions };
}
