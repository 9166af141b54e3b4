import type { StoredStats } from '../messages.ts';
import { claimedIds } from './control.ts';
import { type Claims, type Control, type JobRow, type Rows, read, type Step, type Stream } from './rows.ts';

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
  return { names: Object.fromEntries(names) };
}

function* lookAtStreams(
  rows: Rows,
  control: Control,
  claims: readonly Claims[],
  now: number,
  of: (name: string) => NameStats,
): Step<void> {
  const claimed = claimedIds(claims);
  for (const stream of Object.values(control.streams)) {
    const name = of(stream.name);
    name.waiting += stream.waiting;
    const head = yield* firstUnclaimed(rows, stream, claimed, now);
    if (head === undefined) continue;
    const ageMs = Math.max(0, now - (head.due === 0 ? head.enqueuedAt : head.due));
    name.oldestAgeMs = Math.max(ageMs, name.oldestAgeMs ?? 0);
  }
}

/** Of the jobs that are due. */
function* firstUnclaimed(
  rows: Rows,
  stream: Stream,
  claimed: ReadonlySet<string>,
  now: number,
): Step<JobRow | undefined> {
  const cursor: Stream = { ...stream };
  for (;;) {
    const [row] = yield* read(rows.scan(cursor, now, 1));
    if (row === undefined || !claimed.has(row.id)) return row;
    cursor.low = row;
  }
}
