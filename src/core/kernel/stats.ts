import { type Claims, claimedIds } from './claims-row.ts';
import { heldNames } from './control.ts';
import type { Control } from './control-row.ts';
import type { Draft } from './job.ts';
import type { StoredStats } from './messages.ts';
import { lacking } from './needs.ts';
import { waitingSince } from './order.ts';
import { closedTargets } from './outage.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { firstUnclaimed } from './wake.ts';

interface NameStats {
  waiting: number;
  active: number;
  oldestAgeMs?: number;
}

/** Depth and age by name. Reads one row a stream, however many wait. */
export function* stats(rows: Rows, now: number): Step<StoredStats> {
  const control = yield* read(rows.control());
  if (control === undefined) return { names: {} };
  const claims = yield* read(rows.claims());
  const names = new Map<string, NameStats>();
  const of = (name: string): NameStats => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const fresh = { waiting: 0, active: 0 };
    names.set(name, fresh);
    return fresh;
  };
  for (const { leases } of claims) for (const { name } of leases) of(name).active += 1;
  yield* lookAtStreams(rows, control, claims, now, of);
  const closed = closedTargets(control, now);
  const stored: Draft<StoredStats> = { names: Object.fromEntries(names) };
  const needs = waitingForFeatures(rows, control);
  if (needs.size > 0) stored.needsFeatures = Object.fromEntries(needs);
  if (closed !== undefined) stored.closedTargets = closed;
  const held = heldNames(control, now);
  if (held.length > 0) stored.holds = Object.fromEntries(held);
  return stored;
}

function waitingForFeatures(rows: Rows, { streams }: Control): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  for (const stream of streams)
    for (const feature of lacking(rows, stream))
      waiting.set(feature, (waiting.get(feature) ?? 0) + stream.waiting);
  return waiting;
}

function* lookAtStreams(
  rows: Rows,
  control: Control,
  claims: readonly Claims[],
  now: number,
  of: (name: string) => NameStats,
): Step<void> {
  const claimed = claimedIds(claims);
  for (const stream of control.streams) {
    const name = of(stream.name);
    name.waiting += stream.waiting;
    const head = yield* firstUnclaimed(rows, { ...stream }, claimed, now);
    if (head === undefined) continue;
    const ageMs = Math.max(0, now - waitingSince(head));
    name.oldestAgeMs = Math.max(ageMs, name.oldestAgeMs ?? 0);
  }
}
