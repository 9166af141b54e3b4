import { InvalidOptionError, QueueFullError } from '../errors.ts';
import type { Draft } from '../job.ts';
import type { EnqueueAnswer, EnqueueRequest, EnqueueStatus, JobSpec } from '../messages.ts';
import { claimedIds, followClock, leaveStream, moveClaimable, newControl } from './control.ts';
import { place } from './lane.ts';
import { join, rememberedUntil } from './order.ts';
import {
  type Codec,
  type Control,
  type FinalRow,
  type Found,
  type JobRow,
  type Operation,
  type Rows,
  read,
  type Step,
} from './rows.ts';

/** A call beyond these would hold its transaction for too long: split it. */
const MAX_JOBS = 1_000;
const MAX_CALL_BYTES = 8 * 1024 * 1024;

type Live = Extract<Found, { at: 'jobs' | 'parked' }>;

/** What a spec comes to: decided for the whole batch before anything is written. `row` is absent where nothing is. */
interface Plan {
  readonly id: string;
  readonly status: EnqueueStatus;
  row?: JobRow;
  readonly held?: Live;
}

interface Batch {
  readonly plans: readonly Plan[];
  /** Remembered ids whose time is over, and which are taken anew. */
  readonly expired: readonly FinalRow[];
  /** The last that was given. */
  readonly seq: number;
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
  const bytes = sealed.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_CALL_BYTES)
    throw new InvalidOptionError('payload bytes', bytes, `at most ${MAX_CALL_BYTES} a call`);
  return sealed;
}

type Limits = Omit<EnqueueRequest, 'jobs'>;

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
    checkLimits(control, limits, batch.plans);
    if (yield* followClock(rows, control, now)) batch = yield* plan(rows, control, sealed, now);
    const answers = yield* accept(rows, control, batch);
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
  return yield* accept(rows, control, yield* plan(rows, control, jobs, now));
}

/** Changes nothing. */
function* plan(rows: Rows, control: Control, jobs: readonly SealedJob[], now: number): Step<Batch> {
  const ids = new Set<string>();
  const keys = new Map<string, Plan>();
  const plans: Plan[] = [];
  const expired: FinalRow[] = [];
  let { seq } = control;
  for (const job of jobs) {
    const { spec } = job;
    seq += 1;
    const row = newRow(job, seq, now);
    const again = yield* repeated(rows, spec, ids, expired, now);
    const planned = again ?? (yield* keyed(rows, spec, row, keys, now));
    plans.push(planned);
    // A spec that a key made a duplicate has not taken its own id.
    if (planned.row?.id === spec.id) ids.add(spec.id);
  }
  return { plans, expired, seq };
}

function* accept(
  rows: Rows,
  control: Control,
  { plans, expired, seq }: Batch,
): Step<readonly EnqueueAnswer[]> {
  control.seq = seq;
  for (const final of expired) rows.dropFinal(final);
  control.remembered -= expired.length;
  for (const planned of plans) yield* write(rows, control, planned);
  return plans.map(({ id, status }) => ({ id, status }));
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
  if (spec.idempotencyKey !== undefined) row.idempotencyKey = spec.idempotencyKey;
  if (spec.dedupeMs) row.dedupeMs = spec.dedupeMs;
  addOverrides(row, spec);
  return row;
}

const NO_ERRORS: readonly never[] = [];

function addOverrides(row: Draft<JobRow>, spec: JobSpec): void {
  if (spec.maxAttempts !== undefined) row.maxAttempts = spec.maxAttempts;
  if (spec.maxCrashes !== undefined) row.maxCrashes = spec.maxCrashes;
  if (spec.backoff !== undefined) row.backoff = { ...spec.backoff };
  if (spec.timeoutMs !== undefined) row.timeoutMs = spec.timeoutMs;
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
function* keyed(rows: Rows, spec: JobSpec, row: JobRow, keys: Map<string, Plan>, now: number): Step<Plan> {
  const insert: Plan = { id: row.id, status: 'enqueued', row };
  if (spec.idempotencyKey === undefined) return insert;
  const scope = join(spec.name, spec.idempotencyKey);
  const earlier = keys.get(scope);
  if (earlier?.row !== undefined) return mergeInto(earlier, earlier.row, spec, row, now);
  const held = yield* newestHolder(rows, spec.name, spec.idempotencyKey);
  const plan = held === undefined ? insert : yield* againstHolder(rows, held, spec, row, now);
  keys.set(scope, plan);
  return plan;
}

/** The key's newest holder is written by this very batch. */
function mergeInto(earlier: Plan, holder: JobRow, spec: JobSpec, row: JobRow, now: number): Plan {
  if (keeps(spec)) return { id: earlier.id, status: 'duplicate' };
  earlier.row = merged(holder, spec, row, now);
  return { id: earlier.id, status: 'replaced' };
}

const keeps = ({ onDuplicate }: JobSpec): boolean => onDuplicate === undefined || onDuplicate === 'keep';

function* againstHolder(rows: Rows, held: Live, spec: JobSpec, row: JobRow, now: number): Step<Plan> {
  if (keeps(spec)) return { id: held.row.id, status: 'duplicate' };
  if (claimedIds(yield* read(rows.claims())).has(held.row.id))
    return { id: row.id, status: 'enqueued', row: followUp(row, held.row) };
  return { id: held.row.id, status: 'replaced', row: merged(held.row, spec, row, now), held };
}

/** The running job has read its payload already: the last edit follows it, parked in the lane that it is in. */
function followUp(row: JobRow, { lane }: JobRow): JobRow {
  const { lane: _own, ...rest } = row;
  return lane === undefined ? rest : { ...rest, lane };
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

/** The holder with the newcomer's payload and overrides; `debounce` takes its time as well. */
function merged(holder: JobRow, spec: JobSpec, newcomer: JobRow, now: number): JobRow {
  const { maxAttempts: _a, maxCrashes: _c, backoff: _b, timeoutMs: _t, ...rest } = holder;
  const { version, size, payload, runAt, due } = newcomer;
  const row: Draft<JobRow> = { ...rest, version, size, payload };
  addOverrides(row, spec);
  return spec.onDuplicate === 'debounce' ? { ...row, runAt, due: Math.max(1, now, due) } : row;
}

function checkLimits(control: Control, request: Limits, plans: readonly Plan[]): void {
  let depth = control.pending + control.active;
  let bytes = control.bytes;
  let grows = false;
  for (const { row, held } of plans) {
    if (row === undefined) continue;
    if (held === undefined) depth += 1;
    bytes += row.size - (held?.row.size ?? 0);
    grows = true;
  }
  if (!grows) return;
  if (request.maxDepth !== undefined && depth > request.maxDepth && depth > control.pending + control.active)
    throw new QueueFullError(request.queue, 'maxDepth', request.maxDepth, depth);
  if (request.maxBytes !== undefined && bytes > request.maxBytes && bytes > control.bytes)
    throw new QueueFullError(request.queue, 'maxBytes', request.maxBytes, bytes);
}

function* write(rows: Rows, control: Control, { row, held }: Plan): Step<void> {
  if (row === undefined) return;
  control.bytes += row.size - (held?.row.size ?? 0);
  if (held === undefined) {
    control.pending += 1;
    yield* place(rows, control, row);
  } else if (held.at === 'parked') {
    rows.park(row);
  } else {
    leaveStream(control, held.row);
    moveClaimable(rows, control, held.row, row);
  }
}
