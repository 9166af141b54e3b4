import type { DropPolicy, Job, JobSpec, Outcome, SettleAnswer } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { IdRules } from './id-rules.ts';
import type { Complain } from './journal.ts';
import type { KeyRules } from './key-rules.ts';
import type { Snapshot } from './snapshot.ts';

/** What a call may have made of one job. Absent from the map: nothing. */
export interface Expected {
  readonly states: readonly (Job['state'] | 'gone')[];
  readonly failures?: number;
  readonly crashes?: number;
  readonly runAt?: number;
}

const DEFAULT_MAX_CRASHES = 10;

/** What is known of keys and ids that jobs do not say. */
export interface Memory {
  readonly keys: KeyRules;
  readonly ids: IdRules;
  /** Who makes room in a full queue. */
  readonly drops: DropPolicy | undefined;
}

/** By job id: what the call is allowed to have done. Complains about answers that the state before forbids. */
export function expectedOf(
  call: Call,
  before: Snapshot,
  memory: Memory,
  mayArrive: (id: string) => boolean,
  complain: Complain,
): Map<string, Expected> {
  switch (call.method) {
    case 'enqueue':
      return ofEnqueue(call, before, memory, complain);
    case 'fire':
      return ofFire(call, memory.keys);
    case 'exchange':
      return ofExchange(call, before, mayArrive, complain);
    case 'extend':
      ofExtend(call, before, complain);
      return new Map();
    case 'reclaim':
      return ofReclaim(call, before, complain);
    case 'cancel':
    case 'redrive':
    case 'remove':
      return ofSteering(call, before, complain);
    default:
      return new Map();
  }
}

type Of<Method> = Extract<Call, { method: Method }>;

function ofEnqueue(
  { request, answer, now }: Of<'enqueue'>,
  before: Snapshot,
  { keys, ids, drops }: Memory,
  complain: Complain,
) {
  const expected = new Map<string, Expected>();
  // An id that comes twice in the call means the same job both times.
  const answered = new Map<string | undefined, string>();
  for (const [i, { id, status }] of answer.entries()) {
    const was = before.jobs.get(id);
    if (status === 'enqueued') {
      if (was !== undefined && was.state !== 'completed')
        complain('one job an id', `${id} was enqueued while it was ${was.state}`);
      expected.set(id, { states: ['pending'], failures: 0, crashes: 0 });
    } else if (status === 'replaced' && request.jobs[i]?.onDuplicate === 'restart') {
      expected.set(id, { states: ['pending'], failures: 0, crashes: 0 });
    } else if (
      was === undefined &&
      !expected.has(id) &&
      !keys.isHeldBy(request.jobs[i], id, now) &&
      !ids.was(request.jobs[i]?.id, id) &&
      answered.get(request.jobs[i]?.id) !== id
    ) {
      complain(
        'duplicates are of something',
        `${request.jobs[i]?.id} became ${status} of ${id}, which is not there`,
      );
    }
    if (!answered.has(request.jobs[i]?.id)) answered.set(request.jobs[i]?.id, id);
  }
  const guests = prioritiesOf(request.jobs, answer);
  for (const { id: guest, dropped = [] } of answer)
    for (const { id } of dropped) ofDrop(id, drops, guests.get(guest) ?? 0, before, expected, complain);
  return expected;
}

/** By id: one that is restarted by another of the call has the priority of that. */
function prioritiesOf(
  jobs: Of<'enqueue'>['request']['jobs'],
  answer: Of<'enqueue'>['answer'],
): ReadonlyMap<string, number> {
  const priorities = new Map<string, number>();
  for (const [i, { id, status }] of answer.entries()) {
    const { priority = 0, onDuplicate } = jobs[i] ?? {};
    if (!priorities.has(id) || (status === 'replaced' && onDuplicate === 'restart'))
      priorities.set(id, priority);
  }
  return priorities;
}

function ofDrop(
  id: string,
  drops: DropPolicy | undefined,
  guest: number,
  before: Snapshot,
  expected: Map<string, Expected>,
  complain: Complain,
): void {
  const was = before.jobs.get(id);
  if (was?.state !== 'pending' || expected.has(id))
    complain('only waiting jobs are dropped', `${id} was dropped, ${was?.state ?? 'not there'}`);
  const allowed = drops === 'oldest' || (drops === 'lowest' && (was?.priority ?? 0) <= guest);
  if (!allowed) complain('nobody is dropped for a lower one', `${id} was dropped for priority ${guest}`);
  expected.set(id, { states: ['gone'] });
}

function ofFire({ request, answer }: Of<'fire'>, keys: KeyRules) {
  const expected = new Map<string, Expected>();
  for (const [i, { jobs }] of answer.entries()) {
    const restarts = keys.jobOf(request.firings[i]?.id)?.onDuplicate === 'restart';
    for (const { id, status } of jobs)
      if (status === 'enqueued' || (status === 'replaced' && restarts))
        expected.set(id, { states: ['pending'], failures: 0, crashes: 0 });
  }
  return expected;
}

function ofExchange(
  { request, answer, now }: Of<'exchange'>,
  before: Snapshot,
  mayArrive: (id: string) => boolean,
  complain: Complain,
) {
  const expected = new Map<string, Expected>();
  const isHeld = (job: Job | undefined, fence?: number): job is Job =>
    job?.lease?.workerId === request.workerId && (fence === undefined || job.lease.fence === fence);
  for (const [i, { id, fence, outcome }] of request.settle.entries()) {
    const job = before.jobs.get(id);
    const valid = isHeld(job, fence) && !expected.has(id);
    const settled = answer.settled[i] !== 'stale';
    if (valid !== settled)
      complain('fences', `${outcome.kind} of ${id} under fence ${fence} was ${answer.settled[i]}`);
    if (!valid) continue;
    expected.set(id, afterAnswer(answer.settled[i], outcome, job, now));
    if (outcome.kind === 'complete')
      for (const spec of outcome.enqueue ?? []) chained(expected, spec, before);
  }
  if (request.held !== undefined) {
    const held = new Set(request.held);
    for (const job of before.jobs.values())
      if (isHeld(job) && !held.has(job.id) && !expected.has(job.id))
        expected.set(job.id, { states: ['pending', 'gone'] });
  }
  for (const { job } of answer.jobs) {
    const from = expected.get(job.id)?.states ?? [before.jobs.get(job.id)?.state ?? 'gone'];
    if (!from.includes('pending') && !mayArrive(job.id))
      complain('one lease a job', `${job.id} was claimed while it was ${from}`);
    expected.set(job.id, { ...expected.get(job.id), states: ['active'] });
  }
  for (const { id, errors, expiresAt = Number.POSITIVE_INFINITY } of answer.buried ?? []) {
    if (expiresAt > now && errors.at(-1)?.name === 'ExpiredError')
      complain('ages', `${id} was buried ${expiresAt - now} ms before its time`);
    expected.set(id, { ...expected.get(id), states: ['dead'] });
  }
  for (const { job } of answer.jobs)
    if ((job.expiresAt ?? Number.POSITIVE_INFINITY) <= now) complain('ages', `${job.id} began too late`);
  return expected;
}

function afterAnswer(answer: SettleAnswer | undefined, outcome: Outcome, job: Job, now: number): Expected {
  if (answer === 'spared') return { states: ['pending'] };
  if (answer === 'expired') return { states: ['dead'], failures: job.failures + 1 };
  return afterOutcome(outcome, job, answer === 'cancelled', now);
}

/** No later than its wait from now on: its owner's clock may have been set back since. */
const dueAt = ({ runAt, waitMs }: Extract<Outcome, { kind: 'retry' | 'release' }>, now: number): number =>
  waitMs === undefined ? runAt : Math.min(runAt, now + waitMs);

function afterOutcome(outcome: Outcome, job: Job, cancelled: boolean, now: number): Expected {
  if (cancelled || outcome.kind === 'cancelled') return { states: ['gone'] };
  switch (outcome.kind) {
    case 'complete':
      return { states: ['gone', 'completed'] };
    case 'retry':
      return { states: ['pending'], failures: job.failures + 1, runAt: dueAt(outcome, now) };
    case 'release':
      return { states: ['pending'], runAt: dueAt(outcome, now) };
    // Back in its place: only a clock that was set back may have moved what it had made due.
    case 'unbegun':
      return { states: ['pending'], ...(job.runAt > now ? {} : { runAt: job.runAt }) };
    case 'bury':
      return { states: ['dead'], failures: job.failures + 1 };
  }
}

function chained(expected: Map<string, Expected>, { id }: JobSpec, before: Snapshot): void {
  if (!before.jobs.has(id)) expected.set(id, { states: ['pending', 'gone'] });
}

function ofExtend({ request, answer }: Of<'extend'>, before: Snapshot, complain: Complain): void {
  for (const [i, { id, fence }] of request.leases.entries()) {
    const lease = before.jobs.get(id)?.lease;
    const valid = lease?.workerId === request.workerId && lease.fence === fence;
    if (valid !== (answer[i] !== 'stale'))
      complain('fences', `extending ${id} under fence ${fence} was answered ${answer[i]}`);
  }
}

function ofReclaim({ request, answer, now }: Of<'reclaim'>, before: Snapshot, complain: Complain) {
  const expected = new Map<string, Expected>();
  const fates = [
    ['reclaimed', 'pending', 1],
    ['dead', 'dead', 1],
    ['cancelled', 'gone', 0],
  ] as const;
  for (const [list, state, crash] of fates) {
    for (const id of answer[list]) {
      const job = before.jobs.get(id);
      const lease = job?.lease;
      if (list === 'dead' && (job?.expiresAt ?? now + 1) <= now) {
        expected.set(id, { states: ['dead'], crashes: (job?.crashes ?? 0) + (lease === undefined ? 0 : 1) });
        continue;
      }
      if (lease === undefined) complain('one lease a job', `${id} was reclaimed and had no lease`);
      else if (lease.until > now && !request.goneWorkers?.includes(lease.workerId))
        complain('leases last', `${id} was reclaimed ${lease.until - now} ms before its lease ended`);
      const crashes = (job?.crashes ?? 0) + crash;
      const isLast = crashes >= (job?.maxCrashes ?? DEFAULT_MAX_CRASHES);
      if (crash > 0 && isLast !== (list === 'dead'))
        complain('crashes are bounded', `${id} is ${list} after ${crashes} crashes`);
      expected.set(id, { states: [state], crashes });
    }
  }
  return expected;
}

const STEERED: Readonly<Record<string, readonly [from: string, to: Job['state'] | 'gone']>> = {
  'cancel cancelled': ['pending', 'gone'],
  'redrive redriven': ['dead', 'pending'],
  'remove removed': ['dead completed', 'gone'],
};

function ofSteering(call: Of<'cancel' | 'redrive' | 'remove'>, before: Snapshot, complain: Complain) {
  const expected = new Map<string, Expected>();
  for (const [i, id] of call.request.ids.entries()) {
    const steered = STEERED[`${call.method} ${call.answer[i]}`];
    if (steered === undefined) continue;
    const [from, to] = steered;
    const state = before.jobs.get(id)?.state ?? 'gone';
    if (!from.includes(state))
      complain('steering', `${call.method} of ${id}, ${state}, was answered ${call.answer[i]}`);
    expected.set(id, to === 'pending' ? { states: [to], failures: 0, crashes: 0 } : { states: [to] });
  }
  return expected;
}
