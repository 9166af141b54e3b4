import { claimedIds } from './claims-row.ts';
import { heldUntil } from './control.ts';
import type { Stream } from './control-row.ts';
import { type Features, hooksOf, wantedAt } from './features.ts';
import type { JobRow } from './job-row.ts';
import { sureAt } from './jump.ts';
import type { ClaimRequest, KnownName } from './messages.ts';
import { foreignMarks } from './name-marks.ts';
import { concerns, lacks } from './needs.ts';
import { isOwedHere } from './owed.ts';
import { isPaused } from './pause.ts';
import type { Place } from './place.ts';
import { gatesOf, sharedInstant } from './probe.ts';
import type { Rows, Run } from './rows.ts';
import { read, type Step } from './step.ts';
import { recordOf, targetOf } from './target.ts';
import type { Closed } from './target-record.ts';

/** What somebody would run. */
export interface Wanted {
  readonly names: Readonly<Record<string, KnownName>>;
  /** Of the page that would; absent: of whose transaction it is. */
  readonly features?: Features;
  /** As in a claim: see `ClaimRequest.asks`. */
  readonly asks?: ClaimRequest['asks'];
}

/**
 * The earliest instant at which somebody could have something to do in this queue: a due job that is wanted (absent: any) and that no
 * limit keeps waiting, what a feature wants to be asked for, the end of a hold, of a lease. Undefined: nothing waits, or what waits is paused. For who wakes by alarm, not by looking.
 */
export function wakeAt(now: number, wanted?: Wanted): Run<number | undefined> {
  return function* (rows) {
    if (wanted?.features !== undefined) rows.features = wanted.features;
    const isOthers = (those: Pick<Place, 'needs'>) => wanted !== undefined && lacks(rows, those);
    const control = yield* read(rows.control());
    if (control === undefined) return undefined;
    // Whoever claims anything gives the features their turns.
    const features = hooksOf(rows);
    const isLeft = control.setBack !== undefined || isOwedHere(features, control);
    const turnAt = isLeft ? now : wantedAt(features, control, now);
    const takesTurns = wanted === undefined || Object.keys(wanted.names).length > 0;
    if (takesTurns && turnAt !== undefined && turnAt <= now) return now;
    const claims = yield* read(rows.claims());
    // Whoever proves its life needs no watching: when the proof ends, that is told.
    const watched = claims.filter(({ proven }) => !proven);
    const instants = watched.flatMap(({ leases }) =>
      leases.filter((lease) => wanted === undefined || concerns(rows, lease)).map(({ until }) => until),
    );
    const claimed = claimedIds(claims);
    if (control.expiryAt !== undefined) instants.push(sureAt(control, control.expiryAt));
    const opens = wanted?.features?.opens.map((feature) => feature.opens(control, claims, now)) ?? [];
    const gates = gatesOf(control, claims, now);
    const foreign = foreignMarks(rows, control, Math.max(now, control.lastNow));
    const probes = new Map<string, Closed>();
    for (const stream of control.streams) {
      const known = nameOf(wanted, stream.name);
      if (wanted !== undefined && stream.version > (known?.version ?? 0)) continue;
      let openAt = 0;
      for (const opensAt of opens) openAt = Math.max(openAt, opensAt(stream.name));
      if (isOthers(stream) || isPaused(control, stream.name) || openAt === Number.POSITIVE_INFINITY) continue;
      const gate = known?.outage === false ? undefined : gates?.get(targetOf(stream));
      if (gate?.nextAt === Number.POSITIVE_INFINITY) continue;
      const due = yield* headDue(rows, stream, claimed, now);
      const at = Math.max(
        wanted === undefined ? 0 : foreign(stream.name).until,
        heldUntil(control, stream.name),
        due,
        openAt,
      );
      const closed = gate && recordOf(control, gate.target)?.closed;
      // Those that wait for nothing but a probe may share an alarm.
      if (gate !== undefined && closed !== undefined && at < gate.nextAt) probes.set(gate.target, closed);
      else instants.push(at);
    }
    const probeAt = sharedInstant([...probes.values()]);
    if (probeAt !== undefined) instants.push(probeAt);
    for (const feature of hooksOf(rows).asks) {
      const at = yield* feature.asks(rows, control, wanted?.asks?.[feature.name], now);
      if (at !== undefined) instants.push(at);
    }
    if (takesTurns && turnAt !== undefined) instants.push(turnAt);
    const earliest = Math.min(...instants);
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  };
}

const nameOf = (wanted: Wanted | undefined, name: string): KnownName | undefined =>
  wanted !== undefined && Object.hasOwn(wanted.names, name) ? wanted.names[name] : undefined;

/** When the first row of the stream that nobody has claimed is due; low water moves past the claimed. */
export function* headDue(
  rows: Rows,
  stream: Stream,
  claimed: ReadonlySet<string>,
  now: number,
): Step<number> {
  if (!stream.timed) return now;
  const row = yield* firstUnclaimed(rows, stream, claimed, Number.MAX_SAFE_INTEGER);
  return row?.due ?? Number.POSITIVE_INFINITY;
}

/** The same where low water has moved past rows that wait for something else: not all that is there is due. */
export function* dueBehind(
  rows: Rows,
  stream: Stream,
  claimed: ReadonlySet<string>,
  now: number,
): Step<number> {
  const row = yield* firstUnclaimed(rows, stream, claimed, Number.MAX_SAFE_INTEGER);
  return row === undefined ? Number.POSITIVE_INFINITY : Math.max(now, row.due);
}

/** Of those due at `through` or before. Low water moves past the claimed. */
export function* firstUnclaimed(
  rows: Rows,
  stream: Stream,
  claimed: ReadonlySet<string>,
  through: number,
): Step<JobRow | undefined> {
  for (;;) {
    const [row] = yield* read(rows.scan(stream, through, 1));
    if (row === undefined || !claimed.has(row.id)) return row;
    stream.low = { due: row.due, seq: row.seq };
  }
}
