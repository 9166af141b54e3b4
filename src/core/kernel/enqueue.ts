import { noteNewer } from './buried-keys.ts';
import { followClock } from './clock.ts';
import type { Codec } from './codec.ts';
import { leaveStream, moveClaimable, newControl } from './control.ts';
import type { Control } from './control-row.ts';
import { InvalidOptionError } from './errors.ts';
import { ageless, forgetAge, watchAge } from './expiry.ts';
import { type Features, hooksOf, type Write } from './features.ts';
import { recall, rememberAnswer, stands, sweepIds } from './id-memory.ts';
import type { Draft } from './job.ts';
import type { FinalRow, JobRow, Live } from './job-row.ts';
import { keyed } from './keyed.ts';
import { isFree, place, placeFree } from './lane.ts';
import type { EnqueueAnswer, EnqueueRequest, JobSpec } from './messages.ts';
import { newRow } from './new-row.ts';
import { rememberedUntil } from './order.ts';
import { unmark } from './outage.ts';
import { noteOwing } from './owed.ts';
import { owned } from './owned.ts';
import type { Plan } from './plan.ts';
import { makeRoom } from './room.ts';
import type { Rows, Rule } from './rows.ts';
import type { SealedJob } from './sealed-job.ts';
import { read, type Step } from './step.ts';
import { TargetNames } from './target-names.ts';

/** A call beyond these would hold its transaction for too long: split it. */
const MAX_JOBS = 1_000;
const MAX_CALL_BYTES = 8 * 1024 * 1024;

interface Batch {
  readonly plans: readonly Plan[];
  /** Remembered ids whose time is over, and which are taken anew. */
  readonly expired: Expired;
  /** The last that was given. */
  readonly seq: number;
  /** Of features, once the rows are written. */
  readonly writes: readonly Write[];
}

const NO_WRITES: readonly Write[] = [];

/** Ids that are remembered no longer: by the rows of their jobs, or apart from these. */
interface Expired {
  readonly finals: FinalRow[];
  readonly ids: string[];
}

/** Throws for what cannot be stored, before any transaction. */
export function sealJobs(codec: Codec, jobs: readonly JobSpec[], { checks }: Features): readonly SealedJob[] {
  if (jobs.length > MAX_JOBS)
    throw new InvalidOptionError('jobs.length', jobs.length, `at most ${MAX_JOBS} a call`);
  const sealed = jobs.map((given) => {
    const { stored, size } = codec.seal(given.payload, given.sealed);
    return { spec: given.sealed ? given : ownedSpec(given), stored, size };
  });
  for (const feature of checks) feature.checks(jobs);
  const bytes = sealed.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_CALL_BYTES)
    throw new InvalidOptionError('payload bytes', bytes, `at most ${MAX_CALL_BYTES} a call`);
  return sealed;
}

/** The payload is sealed apart. */
const ownedSpec = ({ payload, ...rest }: JobSpec): JobSpec => ({ ...owned(rest), payload });

/** Seals at once; what is answered runs in a transaction. */
export function enqueue(
  codec: Codec,
  { jobs, ...limits }: EnqueueRequest,
  features: Features,
): Rule<readonly EnqueueAnswer[]> {
  const sealed = sealJobs(codec, jobs, features);
  return function* (rows, now) {
    const control = (yield* read(rows.control())) ?? newControl(now);
    // A refusal comes before the first write, the clock's included: not every store can take a write back.
    let batch = yield* plan(rows, control, sealed, now);
    yield* makeRoom(rows, control, limits, batch.plans, now);
    if (yield* followClock(rows, control, now)) {
      batch = yield* plan(rows, control, sealed, now);
      // The clock is written: what had room before is not refused now that others became due.
      yield* makeRoom(rows, control, limits, batch.plans, now, false);
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
  /** What became of the ids so far. */
  const ids = new Map<string, string>();
  const keys = new Map<string, Plan>();
  const plans: Plan[] = [];
  const expired: Expired = { finals: [], ids: [] };
  let { seq } = control;
  const targets = new TargetNames(control);
  // Most have an id of the queue's own and no key: for those there is nothing to look for, not even among themselves.
  const isPlain = jobs.every(({ spec }) => !spec.known && spec.idempotencyKey === undefined);
  const features = hooksOf(rows);
  const { enters } = features;
  for (const job of jobs) {
    const { spec } = job;
    seq += 1;
    const row = newRow(job, seq, now, targets, features);
    if (isPlain) {
      plans.push({ id: row.id, status: 'enqueued', row });
      continue;
    }
    const again = yield* repeated(rows, control, spec, ids, expired, now);
    const planned = again ?? (yield* keyed(rows, control, spec, row, keys, now));
    plans.push(planned);
    if (again !== undefined) continue;
    ids.set(spec.id, planned.id);
    if (spec.known && planned.id !== spec.id) planned.own = spec;
  }
  if (enters.length === 0) return { plans, expired, seq, writes: NO_WRITES };
  const entry = { specs: jobs.map(({ spec }) => spec), plans, tolerant };
  const writes: Write[] = [];
  for (const feature of enters) {
    const write = yield* feature.enters(rows, entry, now);
    if (write !== undefined) writes.push(write);
  }
  return { plans, expired, seq, writes };
}

function* accept(
  rows: Rows,
  control: Control,
  { plans, expired, seq, writes }: Batch,
  now: number,
): Step<readonly EnqueueAnswer[]> {
  control.seq = seq;
  for (const final of expired.finals) rows.dropFinal(final);
  control.remembered -= expired.finals.length;
  for (const id of expired.ids) rows.dropRecord('id', id);
  yield* write(rows, control, plans);
  for (const write of writes) yield* write(control);
  yield* rememberAnswers(rows, control, plans, now);
  return plans.map(answerOf);
}

function answerOf({ id, status, kept, drops }: Plan): EnqueueAnswer {
  const answer: Draft<EnqueueAnswer> = { id, status };
  if (kept !== undefined) answer.kept = kept;
  if (drops !== undefined) answer.dropped = drops.map(({ row }) => ({ id: row.id, name: row.name }));
  return answer;
}

/** What callers were answered with under ids of their own. */
function* rememberAnswers(rows: Rows, control: Control, plans: readonly Plan[], now: number): Step<void> {
  if (plans.every(({ own }) => own === undefined)) return;
  for (const { own, id } of plans) if (own !== undefined) yield* rememberAnswer(rows, control, own, id, now);
  yield* sweepIds(rows, control, plans.length, now);
}

/**
 * The plan for an id that was accepted before, whatever its call was answered: it is that one job. A remembered id whose time is over goes
 * to `expired`.
 */
function* repeated(
  rows: Rows,
  control: Control,
  spec: JobSpec,
  ids: ReadonlyMap<string, string>,
  expired: Expired,
  now: number,
): Step<Plan | undefined> {
  const duplicate: Plan = { id: spec.id, status: 'duplicate' };
  const here = ids.get(spec.id);
  if (here !== undefined) return { ...duplicate, id: here };
  if (!spec.known) return undefined;
  const found = yield* read(rows.find(spec.id));
  if (found === undefined) {
    const known = yield* recall(rows, control, spec.id);
    if (known === undefined) return undefined;
    if (yield* stands(rows, known, now)) return { ...duplicate, id: known.id };
    expired.ids.push(spec.id);
    return undefined;
  }
  if (found.at !== 'finals' || found.row.state === 'dead') return duplicate;
  if (rememberedUntil(found.row) > now) return duplicate;
  expired.finals.push(found.row);
  return undefined;
}

function* write(rows: Rows, control: Control, plans: readonly Plan[]): Step<void> {
  for (const { row, held } of plans) {
    if (row === undefined) continue;
    noteOwing(control, row.owes);
    if (control.buriedKeys !== undefined) yield* noteNewer(rows, control, row); // A step a job is dear.
    if (held !== undefined) {
      replace(rows, control, held, row);
      continue;
    }
    control.bytes += row.size;
    control.pending += 1;
    if (isFree(row)) placeFree(rows, control, row);
    else yield* place(rows, control, row);
  }
}

function replace(rows: Rows, control: Control, held: Live, row: JobRow): void {
  control.bytes += row.size - held.row.size;
  if (held.row.since !== undefined && row.since === undefined) unmark(control, held.row);
  forgetAge(rows, held.row);
  if (held.at === 'parked') {
    rows.park(ageless(row));
  } else {
    watchAge(rows, control, row);
    leaveStream(control, held.row);
    moveClaimable(rows, control, held.row, row);
  }
}
