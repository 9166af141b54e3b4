import { InvalidOptionError } from '../errors.ts';
import type { Draft } from '../job.ts';
import type { EnqueueAnswer, EnqueueRequest, EnqueueStatus, JobSpec } from '../messages.ts';
import { checkBatch, joinBatch } from './batch.ts';
import { claimedIds, followClock, leaveStream, moveClaimable, newControl } from './control.ts';
import { checkCycles, type Dependencies, planDependencies, writeDependencies } from './dependencies.ts';
import { forgetAge, watchAge } from './expiry.ts';
import { heldByTime, holdKey, sweepKeys } from './key-memory.ts';
import { type Live, place } from './lane.ts';
import { join, rememberedUntil } from './order.ts';
import { dropFor, type Guest, makeRoom } from './room.ts';
import {
  type Codec,
  type Control,
  type FinalRow,
  type JobRow,
  type Operation,
  type Rows,
  read,
  type Step,
} from './rows.ts';

/** A call beyond these would hold its transaction for too long: split it. */
const MAX_JOBS = 1_000;
const MAX_CALL_BYTES = 8 * 1024 * 1024;

/** What a spec comes to: decided for the whole batch before anything is written. `row` is absent where nothing is. */
interface Plan extends Guest {
  readonly status: EnqueueStatus;
  row?: JobRow;
  /** Its key is held until then at least; absent: until it is done. */
  keyUntil?: number;
}

interface Batch {
  readonly plans: readonly Plan[];
  /** Remembered ids whose time is over, and which are taken anew. */
  readonly expired: readonly FinalRow[];
  /** The last that was given. */
  readonly seq: number;
  readonly dependencies: Dependencies;
  /** How many jobs join which batch; absent: none does. */
  readonly joins: ReadonlyMap<string, number> | undefined;
}

/** A spec as it was when the call came, its payload encoded: what the caller changes afterwards changes nothing. */
export interface SealedJob {
  readonly spec: JobSpec;
  readonly stored: unknown;
  readonly size: number;
}

/** Throws for what cannot be stored, before any transaction. */
export function sealJobs(codec: Codec, jobs: readonly JobSpec[]): readonly SealedJob[] {
  if (jobs.length > MAX_JOBS)
    throw new InvalidOptionError('jobs.length', jobs.length, `at most ${MAX_JOBS} a call`);
  const sealed = jobs.map((given) => {
    const { stored, size } = codec.seal(given.payload, given.sealed);
    return { spec: given.sealed ? given : { ...given }, stored, size };
  });
  checkCycles(jobs);
  const bytes = sealed.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_CALL_BYTES)
    throw new InvalidOptionError('payload bytes', bytes, `at most ${MAX_CALL_BYTES} a call`);
  return sealed;
}

/** Seals at once; what is answered runs in a transaction. */
export function enqueue(
  codec: Codec,
  { jobs, ...limits }: EnqueueRequest,
  now: number,
): Operation<readonly EnqueueAnswer[]> {
  const sealed = sealJobs(codec, jobs);
  return function* (rows) {
    const control = (yield* read(rows.control())) ?? newControl(now);
    // A refusal comes before the first write, the clock's included: not every store can take a write back.
    let batch = yield* plan(rows, control, sealed, now);
    yield* makeRoom(rows, control, limits, batch.plans, now);
    if (yield* followClock(rows, control, now)) {
      batch = yield* plan(rows, control, sealed, now);
      yield* makeRoom(rows, control, limits, batch.plans, now);
    }
    const answers = yield* accept(rows, control, batch, now);
    rows.putControl(control);
    return answers;
  };
}

/** All of them, whatever the queue holds already. */
export function* admit(
  rows: Rows,
  control: Control,
  jobs: readonly SealedJob[],
  now: number,
): Step<readonly EnqueueAnswer[]> {
  return yield* accept(rows, control, yield* plan(rows, control, jobs, now, true), now);
}

/** Changes nothing. `tolerant`: nothing may be refused any more. */
function* plan(
  rows: Rows,
  control: Control,
  jobs: readonly SealedJob[],
  now: number,
  tolerant = false,
): Step<Batch> {
  const ids = new Set<string>();
  const keys = new Map<string, Plan>();
  const plans: Plan[] = [];
  const expired: FinalRow[] = [];
  let { seq } = control;
  for (const job of jobs) {
    const { spec } = job;
    seq += 1;
    const row = newRow(job, seq, now);
    // Most have an id of the queue's own and no key: for those there is nothing to look for.
    if (!spec.known && spec.idempotencyKey === undefined) {
      plans.push({ id: row.id, status: 'enqueued', row });
      ids.add(row.id);
      continue;
    }
    const again = yield* repeated(rows, spec, ids, expired, now);
    const planned = again ?? (yield* keyed(rows, control, spec, row, keys, now));
    plans.push(planned);
    // A spec that a key made a duplicate has not taken its own id.
    if (planned.row?.id === spec.id) ids.add(spec.id);
  }
  const specs = jobs.map(({ spec }) => spec);
  const dependencies = yield* planDependencies(rows, specs, plans, tolerant);
  return { plans, expired, seq, dependencies, joins: yield* joinsOf(rows, specs, plans) };
}

function* joinsOf(
  rows: Rows,
  specs: readonly JobSpec[],
  plans: readonly Plan[],
): Step<Map<string, number> | undefined> {
  let joins: Map<string, number> | undefined;
  for (const [i, { batch }] of specs.entries()) {
    if (batch === undefined || plans[i]?.status !== 'enqueued') continue;
    joins ??= new Map();
    const known = joins.get(batch);
    if (known === undefined) yield* checkBatch(rows, batch);
    joins.set(batch, (known ?? 0) + 1);
  }
  return joins;
}

function* accept(
  rows: Rows,
  control: Control,
  { plans, expired, seq, dependencies, joins }: Batch,
  now: number,
): Step<readonly EnqueueAnswer[]> {
  control.seq = seq;
  for (const final of expired) rows.dropFinal(final);
  control.remembered -= expired.length;
  for (const planned of plans) yield* write(rows, control, planned);
  if (joins !== undefined) for (const [batch, jobs] of joins) yield* joinBatch(rows, batch, jobs);
  yield* writeDependencies(rows, control, dependencies);
  if (plans.some(({ keyUntil }) => keyUntil !== undefined))
    yield* sweepKeys(rows, control, plans.length, now);
  // Not before the writes: what is dropped promotes what waits behind it, perhaps the very row that one of them replaces.
  yield* dropFor(rows, control, plans, now);
  return plans.map(answerOf);
}

function answerOf({ id, status, drops }: Plan): EnqueueAnswer {
  if (drops === undefined) return { id, status };
  return { id, status, dropped: drops.map(({ row }) => ({ id: row.id, name: row.name })) };
}

function newRow(job: SealedJob, seq: number, now: number): JobRow {
  const { spec } = job;
  const runAt = Math.max(now, spec.runAt ?? now + (spec.delayMs ?? 0));
  const row: Draft<JobRow> = {
    id: spec.id,
    name: spec.name,
    version: spec.version,
    rank: -spec.priority,
    due: runAt > now ? runAt : 0,
    seq,
    enqueuedAt: now,
    runAt,
    failures: 0,
    crashes: 0,
    errors: NO_ERRORS,
    size: job.size,
    payload: job.stored,
  };
  if (spec.lane !== undefined) row.lane = spec.lane;
  if (spec.onLaneDeath === 'halt') row.onLaneDeath = 'halt';
  if (spec.rateKey !== undefined) row.rateKey = spec.rateKey;
  if (spec.idempotencyKey !== undefined) row.idempotencyKey = spec.idempotencyKey;
  if (spec.dedupeMs) row.dedupeMs = spec.dedupeMs;
  if (spec.maxAgeMs !== undefined) addAge(row, spec.maxAgeMs, now);
  addOverrides(row, spec);
  addFacts(row, spec);
  if (spec.tick !== undefined) row.tick = spec.tick;
  if (spec.batch !== undefined) row.batch = spec.batch;
  if (spec.results !== undefined) row.results = spec.results;
  return row;
}

/** A job that is to wait is not too old for it. */
function addAge(row: Draft<JobRow>, maxAgeMs: number, now: number): void {
  row.maxAgeMs = maxAgeMs;
  row.expiresAt = Math.max(now, row.runAt) + maxAgeMs;
}

const NO_ERRORS: readonly never[] = [];

function addOverrides(row: Draft<JobRow>, spec: JobSpec): void {
  if (spec.maxAttempts !== undefined) row.maxAttempts = spec.maxAttempts;
  if (spec.maxCrashes !== undefined) row.maxCrashes = spec.maxCrashes;
  if (spec.backoff !== undefined) row.backoff = { ...spec.backoff };
  if (spec.timeoutMs !== undefined) row.timeoutMs = spec.timeoutMs;
  if (spec.keepResultMs !== undefined) row.keepResultMs = spec.keepResultMs;
}

function addFacts(row: Draft<JobRow>, { headers, tags }: JobSpec): void {
  if (headers !== undefined) row.headers = { ...headers };
  if (tags !== undefined) row.tags = [...tags];
}

/** The plan for an id that was accepted before. A remembered id whose time is over goes to `expired`. */
function* repeated(
  rows: Rows,
  spec: JobSpec,
  ids: ReadonlySet<string>,
  expired: FinalRow[],
  now: number,
): Step<Plan | undefined> {
  const duplicate: Plan = { id: spec.id, status: 'duplicate' };
  if (ids.has(spec.id)) return duplicate;
  const found = spec.known ? yield* read(rows.find(spec.id)) : undefined;
  if (found === undefined) return undefined;
  if (found.at !== 'finals' || found.row.state === 'dead') return duplicate;
  if (rememberedUntil(found.row) > now) return duplicate;
  expired.push(found.row);
  return undefined;
}

/** The plan for a new id: its key decides, if it has one. */
function* keyed(
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
  if (earlier?.row !== undefined) return mergeInto(earlier, earlier.row, spec, row, now);
  const remembered = renews(spec)
    ? undefined
    : yield* heldByTime(rows, control, spec.name, spec.idempotencyKey, now);
  if (remembered !== undefined) return { id: remembered, status: 'duplicate' };
  const held = yield* newestHolder(rows, spec.name, spec.idempotencyKey);
  const plan = held === undefined ? insert : yield* againstHolder(rows, held, spec, row, now);
  if (spec.keyForMs !== undefined && plan.row !== undefined) plan.keyUntil = now + spec.keyForMs;
  keys.set(scope, plan);
  return plan;
}

/** The key's newest holder is written by this very batch. */
function mergeInto(earlier: Plan, holder: JobRow, spec: JobSpec, row: JobRow, now: number): Plan {
  if (!renews(spec)) return { id: earlier.id, status: 'duplicate' };
  earlier.row = merged(holder, spec, row, now);
  if (spec.keyForMs !== undefined) earlier.keyUntil = Math.max(now + spec.keyForMs, earlier.keyUntil ?? 0);
  return { id: earlier.id, status: 'replaced' };
}

/** It brings what must not be lost, so that a key which is only remembered does not stop it. */
const renews = ({ onDuplicate }: JobSpec): boolean => onDuplicate === 'replace' || onDuplicate === 'debounce';

function* againstHolder(rows: Rows, held: Live, spec: JobSpec, row: JobRow, now: number): Step<Plan> {
  if (spec.onDuplicate === 'throttle' && held.row.enqueuedAt + (spec.keyForMs ?? 0) <= now)
    return { id: row.id, status: 'enqueued', row: followUp(row, held.row) };
  if (!renews(spec)) return { id: held.row.id, status: 'duplicate' };
  if (claimedIds(yield* read(rows.claims())).has(held.row.id))
    return { id: row.id, status: 'enqueued', row: followUp(row, held.row) };
  return { id: held.row.id, status: 'replaced', row: merged(held.row, spec, row, now), held };
}

/** It follows the holder, parked in the lane that this is in: a running job has read its payload already, a throttled one stays one of two. */
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

/** The holder with the newcomer's payload, overrides and facts, without its checkpoint; `debounce` takes its time as well. */
function merged(holder: JobRow, spec: JobSpec, newcomer: JobRow, now: number): JobRow {
  const {
    maxAttempts: _a,
    maxCrashes: _c,
    backoff: _b,
    timeoutMs: _t,
    headers: _h,
    tags: _g,
    keepResultMs: _k,
    checkpoint: _p,
    maxAgeMs: _m,
    expiresAt: _e,
    ...rest
  } = holder;
  const { version, size, payload, runAt } = newcomer;
  const row: Draft<JobRow> = { ...rest, version, size, payload };
  addOverrides(row, spec);
  addFacts(row, spec);
  if (spec.onDuplicate === 'debounce') {
    row.runAt = Math.max(
      now,
      Math.min(runAt, holder.enqueuedAt + (spec.maxWaitMs ?? Number.MAX_SAFE_INTEGER)),
    );
    row.due = Math.max(1, row.runAt);
  }
  if (spec.maxAgeMs !== undefined) addAge(row, spec.maxAgeMs, now);
  return row;
}

function* write(rows: Rows, control: Control, { row, held, keyUntil }: Plan): Step<void> {
  if (row === undefined) return;
  if (keyUntil !== undefined) yield* holdKey(rows, control, row, keyUntil);
  control.bytes += row.size - (held?.row.size ?? 0);
  if (held === undefined) {
    control.pending += 1;
    yield* place(rows, control, row);
    return;
  }
  forgetAge(rows, held.row);
  watchAge(rows, control, row);
  if (held.at === 'parked') {
    rows.park(row);
  } else {
    leaveStream(control, held.row);
    moveClaimable(rows, control, held.row, row);
  }
}
