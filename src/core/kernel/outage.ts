import type { Claims, Lease } from './claims-row.ts';
import type { Control } from './control-row.ts';
import { appendError } from './job-error.ts';
import type { JobRow } from './job-row.ts';
import { sureNow } from './jump.ts';
import type { ClosedTarget, Met, OutageNews, Outcome, Settlement } from './messages.ts';
import { countOf } from './probe.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import {
  afterFailure,
  afterThrough,
  dropTarget,
  hasEvidence,
  heldSince,
  isClosed,
  knownTargets,
  openClock,
  putTarget,
  recordOf,
  targetOf,
  waitMs,
} from './target.ts';
import type { Target } from './target-record.ts';

/**
 * An outage is not a failure: what attempts that their target may have failed come to. The states of a target are in `target-record.ts`, who is
 * let through in `probe.ts`.
 *
 *              | others got through since its first failure | nobody did
 *   answered   | the attempt counts                         | it does not; dead `outageMs` after its first failure
 *   unreached  | it does not; dead when `outageMs` have     | it does not, and the job never dies of it
 *              | passed since that was first so, without    |
 *              | the time for which the target was closed   |
 */
export const PROBE_MAX_MS = 300_000;

/** Collects what is found out. */
export interface Findings {
  readonly spared: Record<string, number>;
  readonly closed: ClosedTarget[];
  readonly opened: string[];
  readonly apart: Record<string, number>;
  grew: boolean;
  /** There is something among them. */
  any: boolean;
}

export const noFindings = (): Findings => ({
  spared: {},
  closed: [],
  opened: [],
  apart: {},
  grew: false,
  any: false,
});

export const newsOf = ({ any: _, ...findings }: Findings): OutageNews => findings;

/** What the rules go by at one settlement. */
export interface Weighing {
  readonly control: Control;
  readonly findings: Findings;
  readonly maxMs: number;
  readonly now: number;
}

/** It got through and is done. Costs nothing where nothing is known of a target. */
export function noteDone(weighing: Weighing, lease: Lease): void {
  if (weighing.control.targets === undefined) return;
  noteThrough(weighing, lease);
  if (lease.marked) unmark(weighing.control, lease);
}

function noteThrough({ control, findings, now }: Weighing, lease: Lease): void {
  const target = targetOf(lease);
  const before = recordOf(control, target);
  if (before === undefined) return;
  const after = afterThrough(before, lease.id, now);
  putTarget(control, target, after);
  if (before.closed === undefined) return;
  findings.any = true;
  findings.grew = true;
  if (after.closed === undefined) findings.opened.push(target);
}

/**
 * What becomes of a job that its target may have failed. `counts`: what its outcome says. `expires`: it is dead. Else it is spared: it waits in its
 * place, or until `at`. `row` is absent where nothing of it is to be written.
 */
export type Weighed = 'counts' | 'expires' | Spared;

interface Spared {
  readonly row?: JobRow;
  readonly at?: number;
}

export function weigh(
  weighing: Weighing,
  lease: Lease,
  row: JobRow,
  { how, ageMs, outageMs }: Met,
  outcome: Extract<Outcome, { error: unknown }>,
  there: number,
): Weighed {
  if (how.kind === 'through') {
    noteThrough(weighing, lease);
    return 'counts';
  }
  const { control, now, maxMs, findings } = weighing;
  const target = targetOf(lease);
  const before: Target = recordOf(control, target) ?? { marked: row.since === undefined ? 0 : 1 };
  const { since, against } = heldSince(before, row, now);
  const evidence = hasEvidence(before, { id: row.id, since });
  const began = now - ageMs;
  if (before.through !== undefined) {
    findings.apart[target] = Math.max(0, now - before.through.at);
    findings.any = true;
  }
  const failure = {
    ...how,
    id: row.id,
    at: lease,
    began,
    probe: lease.probe === true,
    hasEvidence: evidence,
    isKnown: row.against !== undefined,
    there,
  };
  const after = afterFailure(before, failure, target, maxMs, now);
  putTarget(control, target, after);
  tellClosed(weighing, target, before, after);
  if (how.kind === 'answered' && evidence) return 'counts';
  const doubtMs = now - sureNow(control, now);
  const isOver =
    how.kind === 'answered'
      ? now - doubtMs - since >= outageMs
      : evidence && openClock(before, now) - doubtMs - against >= outageMs;
  if (isOver) return 'expires';
  return spare(weighing, row, since, evidence ? against : undefined, after, how, outcome);
}

function spare(
  { control, maxMs, now }: Weighing,
  row: JobRow,
  since: number,
  against: number | undefined,
  record: Target,
  how: Exclude<Met['how'], { kind: 'through' }>,
  { error }: Extract<Outcome, { error: unknown }>,
): Spared {
  const isNew = row.since !== since;
  const inPlace = isClosed(record);
  if (inPlace && !isNew) return {};
  const spared = row.spared ?? 0;
  if (row.since === undefined) putTarget(control, targetOf(row), { ...record, marked: record.marked + 1 });
  const next: JobRow = {
    ...row,
    since,
    ...(against !== undefined && { against }),
    ...(control.setBacks !== undefined && { setBacks: control.setBacks }),
    errors: appendError(row.errors, error),
    tries: (row.tries ?? row.failures) + 1,
    spared: spared + 1,
  };
  if (inPlace) return { row: next };
  const asked = how.kind === 'unreached' ? (how.retryAfterMs ?? 0) : 0;
  return { row: next, at: now + Math.max(asked, waitMs(spared, maxMs, row.id)) };
}

function tellClosed({ findings, now }: Weighing, target: string, before: Target, after: Target): void {
  if (after.closed === undefined || !isClosed(after) || isClosed(before)) return;
  findings.any = true;
  findings.closed.push(closedTarget(target, after.closed, now));
}

export function closedTarget(
  target: string,
  { since, reason, at, heldMs, allowed }: NonNullable<Target['closed']>,
  now: number,
): ClosedTarget {
  if (allowed !== undefined) return { target, since, reason, nextProbeAt: now, allowed };
  return { target, since, reason, nextProbeAt: Math.max(now, at + heldMs) };
}

/** What a counted failure leaves of what did not count. */
export function afterCounted({ spared: _, ...row }: JobRow): JobRow {
  return row.tries === undefined ? row : { ...row, tries: row.tries + 1 };
}

/** What is held against a job, or for it. */
export type OutageFields = Pick<JobRow, 'since' | 'against' | 'setBacks' | 'tries' | 'spared'>;

/** A job as it begins anew: nothing is held against it, or for it. */
export function withoutOutage(job: JobRow): JobRow {
  const { since: _s, against: _a, setBacks: _b, tries: _t, spared: _p, ...row } = job;
  return row;
}

/** A live job with a `since` is gone, or has none any more. */
export function unmark(control: Control, job: Parameters<typeof targetOf>[0]): void {
  const target = targetOf(job);
  const record = recordOf(control, target);
  if (record === undefined) return;
  const marked = record.marked - 1;
  if (marked > 0 || record.closed !== undefined) putTarget(control, target, { ...record, marked });
  else dropTarget(control, target);
}

/** Forgets targets of which no job is left that waits or runs. */
export function forgetTargets(control: Control, claims: readonly Claims[]): void {
  if (control.targets === undefined) return;
  const waiting = new Set(control.streams.map(targetOf));
  for (const [target, { marked, closed }] of knownTargets(control)) {
    const isOver = marked <= 0 && closed === undefined;
    if (isOver || !(waiting.has(target) || countOf(claims, target) > 0)) dropTarget(control, target);
  }
}

/** The same, of whom nobody has read what is claimed. */
export function* forgetIdleTargets(rows: Rows, control: Control): Step<void> {
  if (control.targets !== undefined) forgetTargets(control, yield* read(rows.claims()));
}

/** Jobs of the target that wait to be claimed. */
export function waitingFor({ streams }: Control, target: string): number {
  let waiting = 0;
  for (const stream of streams) if (targetOf(stream) === target) waiting += stream.waiting;
  return waiting;
}

/** Targets that are closed, or tried again. Undefined: none. */
export function closedTargets(control: Control, now: number): readonly ClosedTarget[] | undefined {
  if (control.targets === undefined) return undefined;
  const all = knownTargets(control).flatMap(([target, { closed }]) =>
    closed === undefined ? [] : [closedTarget(target, closed, now)],
  );
  return all.length === 0 ? undefined : all;
}

export type MetSettlement = Settlement & {
  readonly met: Met;
  readonly outcome: Extract<Outcome, { error: unknown }>;
};

/** Whether a settlement is of an attempt that its target may have failed, or that got through although it failed. */
export const hasMet = (settlement: Settlement): settlement is MetSettlement =>
  settlement.met !== undefined && (settlement.outcome.kind === 'retry' || settlement.outcome.kind === 'bury');
