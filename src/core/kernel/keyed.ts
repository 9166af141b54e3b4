import { detached } from './attached.ts';
import { claimedIds } from './claims-row.ts';
import type { Control } from './control-row.ts';
import { hooksOf } from './features.ts';
import type { Draft } from './job.ts';
import { isPutOff, type JobRow, type Live } from './job-row.ts';
import { heldByTime } from './key-memory.ts';
import type { JobSpec, Kept } from './messages.ts';
import { union } from './names.ts';
import { lacks } from './needs.ts';
import { carry, startAge } from './new-row.ts';
import { join } from './order.ts';
import { type OutageFields, withoutOutage } from './outage.ts';
import type { Plan } from './plan.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** The plan for a new id: its key decides, if it has one. */
export function* keyed(
  rows: Rows,
  control: Control,
  spec: JobSpec,
  row: JobRow,
  keys: Map<string, Plan>,
  now: number,
): Step<Plan> {
  const insert: Plan = { id: row.id, status: 'enqueued', row };
  if (spec.idempotencyKey === undefined) return insert;
  const scope = join(spec.name, spec.idempotencyKey);
  const earlier = keys.get(scope);
  if (earlier?.row !== undefined) return mergeInto(rows, earlier, earlier.row, spec, row, now);
  const remembered =
    policyOf(rows, spec, now) === 'keep'
      ? yield* heldByTime(rows, control, spec.name, spec.idempotencyKey, now)
      : undefined;
  if (remembered !== undefined) return { id: remembered, status: 'duplicate' };
  const held = yield* newestHolder(rows, spec.name, spec.idempotencyKey);
  const plan = held === undefined ? insert : yield* againstHolder(rows, held, spec, row, now);
  keys.set(scope, plan);
  return plan;
}

/** The key's newest holder is written by this very batch. */
function mergeInto(rows: Rows, earlier: Plan, holder: JobRow, spec: JobSpec, row: JobRow, now: number): Plan {
  if (policyOf(rows, spec, now) === 'keep') return { id: earlier.id, status: 'duplicate' };
  earlier.row = merged(rows, holder, spec, row, now);
  return withKept(rows, replaced(earlier.id, holder), earlier.row, row, now);
}

/**
 * What its key means for a newcomer. What replaces brings what must not be lost, so that a key which is only remembered does not stop it; and so does
 * what is said in a word that this page does not know.
 */
function policyOf(rows: Rows, spec: JobSpec, now: number, holder?: JobRow): 'keep' | 'follow' | 'replace' {
  for (const feature of hooksOf(rows).meets) {
    const said = feature.meets(spec, holder, now);
    if (said !== undefined) return said;
  }
  return (spec.onDuplicate ?? 'keep') === 'keep' ? 'keep' : 'replace';
}

function* againstHolder(rows: Rows, held: Live, spec: JobSpec, row: JobRow, now: number): Step<Plan> {
  const follow = (): Plan => {
    const next = followUp(row, held.row);
    return withKept(rows, { id: row.id, status: 'enqueued', row: next }, next, row, now);
  };
  const policy = policyOf(rows, spec, now, held.row);
  if (policy === 'follow') return follow();
  if (policy === 'keep') return { id: held.row.id, status: 'duplicate' };
  // Of what is to be run with features that this page lacks it can change no more than of what runs.
  if (lacks(rows, held.row)) return follow();
  if (claimedIds(yield* read(rows.claims())).has(held.row.id)) return follow();
  const next = merged(rows, held.row, spec, row, now);
  return withKept(rows, { ...replaced(held.row.id, held.row), row: next, held }, next, row, now);
}

const replaced = (id: string, before: JobRow): Plan => ({ id, status: 'replaced', before });

function withKept(rows: Rows, plan: Plan, row: JobRow, newcomer: JobRow, now: number): Plan {
  const kept = keptOf(rows, row, newcomer, now);
  if (kept.length > 0) plan.kept = kept;
  return plan;
}

/** By a clock that was set back it may be due before its `runAt`, put off after it. One instant that has come is as good as another. */
const dueAt = (row: JobRow, now: number): number => Math.max(now, isPutOff(row) ? row.runAt : row.due);

/** What the row has that the newcomer, as a new job, would not have. */
function keptOf(rows: Rows, row: JobRow, newcomer: JobRow, now: number): Kept[] {
  const kept: Kept[] = [];
  if (row.rank !== newcomer.rank) kept.push('priority');
  if (dueAt(row, now) !== dueAt(newcomer, now)) kept.push('runAt');
  if (row.failures > 0) kept.push('failures');
  for (const field of ['lane', 'onLaneDeath', ...hooksOf(rows).anew.flatMap(({ anew }) => anew)] as const)
    if (row[field as keyof JobRow] !== newcomer[field as keyof JobRow]) kept.push(field);
  return kept;
}

/** It follows the holder, parked in the lane that this is in: a running job has read its payload already. */
function followUp(row: JobRow, { lane, onLaneDeath }: JobRow): JobRow {
  const { lane: _own, onLaneDeath: _policy, ...rest } = row;
  if (lane === undefined) return rest;
  return onLaneDeath === undefined ? { ...rest, lane } : { ...rest, lane, onLaneDeath };
}

function* newestHolder(rows: Rows, name: string, key: string): Step<Live | undefined> {
  let newest: Live | undefined;
  for (const holder of yield* read(rows.keyHolders(name, key))) {
    // A damaged one will not run: new work is no duplicate of it.
    if (holder.row.damage !== undefined) continue;
    if (newest === undefined || holder.row.seq > newest.row.seq) newest = holder;
  }
  return newest;
}

type Fields<Field extends string> = { readonly [Key in Field]: true };

/** What stays the holder's, whoever takes its place. */
type Stays =
  | 'id'
  | 'name'
  | 'seq'
  | 'enqueuedAt'
  | 'lane'
  | 'onLaneDeath'
  | 'haltsLane'
  | 'idempotencyKey'
  | 'dedupeMs'
  | 'parkedBy'
  | 'owes'
  | 'needs'
  | 'extras'
  | 'extraBytes'
  | 'keptMs'
  | 'damage';

/** What is the newcomer's when it starts anew. */
const ANEW: Fields<
  | 'rank'
  | 'due'
  | 'runAt'
  | 'waitMs'
  | 'named'
  | 'failures'
  | 'crashes'
  | 'evictions'
  | 'errors'
  | keyof OutageFields
  | 'putOff'
> = {
  rank: true,
  due: true,
  runAt: true,
  waitMs: true,
  named: true,
  failures: true,
  crashes: true,
  evictions: true,
  errors: true,
  since: true,
  against: true,
  setBacks: true,
  tries: true,
  spared: true,
  putOff: true,
};

/** What is the newcomer's in any case: its payload with all that belongs to it. */
const NEWCOMERS: Fields<Exclude<keyof JobRow, Stays | keyof typeof ANEW>> = {
  version: true,
  payload: true,
  size: true,
  attached: true,
  target: true,
  maxAttempts: true,
  maxCrashes: true,
  backoff: true,
  timeoutMs: true,
  maxAgeMs: true,
  expiresAt: true,
  headers: true,
  tags: true,
};

/** Also of features. */
const isAnew = (rows: Rows, field: string): boolean =>
  field in ANEW || hooksOf(rows).anew.some(({ anew }) => (anew as readonly string[]).includes(field));

/** The holder with what is the newcomer's; `restart` takes all but its place. What only newer pages know stays. */
function merged(rows: Rows, holder: JobRow, spec: JobSpec, newcomer: JobRow, now: number): JobRow {
  const restarts = spec.onDuplicate === 'restart';
  const isNew = (field: string) => field in NEWCOMERS || (restarts && isAnew(rows, field));
  const row: Partial<Draft<JobRow>> = {};
  carry(row, detached(holder), (field) => !isNew(field));
  carry(row, newcomer, isNew);
  const next = row as Draft<JobRow>;
  if (restarts) next.due = Math.max(1, next.runAt);
  if (newcomer.owes !== undefined) next.owes = union(holder.owes, newcomer.owes);
  if (newcomer.needs !== undefined) next.needs = union(next.needs, newcomer.needs);
  for (const feature of hooksOf(rows).replaces) feature.replaces(next, newcomer, spec, now);
  startAge(next, now);
  // What is held against it for one target is not so for another.
  return holder.target === next.target ? next : withoutOutage(next);
}
