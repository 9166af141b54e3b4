import { stringify } from 'fast-check';
import type { Job } from '../../core/kernel/job.ts';
import type { EverySpec, FeaturedClaim } from '../every-feature.ts';
import { jobOf, type State } from './state.ts';
import type { AnswerOf, RequestOf, Turn } from './turn.ts';

/** A job that crashed its owner so often runs alone. */
const SUSPECT_CRASHES = 2;

/** What a law about instants has to know. */
export interface Times {
  /** The clock was never set back: instants hold to the ms. */
  readonly steady: boolean;
  /** The name is held now. */
  isHeld(name: string): boolean;
  /** It may be closed, or tried by few. */
  isGated(target: string): boolean;
  /** So many of the name began lately, without a key, that its rate may keep the next one. */
  isSpent(name: string): boolean;
}

/** What the contract says about an answer, given what was there before. */
export function brokenByAnswer(turn: Turn, times: Times): string | undefined {
  switch (turn.operation) {
    case 'enqueue':
      return brokenByEnqueue(turn as Turn<'enqueue'>);
    case 'exchange':
      return brokenBySettling(turn as Turn<'exchange'>) ?? brokenByClaiming(turn as Turn<'exchange'>, times);
    case 'extend':
      return brokenByExtending(turn as Turn<'extend'>);
    case 'reclaim':
      return brokenByReclaiming(turn as Turn<'reclaim'>, times);
    case 'get':
      return brokenByGetting(turn as Turn<'get'>);
    default:
      return undefined;
  }
}

/** What was accepted is there, with the payload of the last that it took. */
function brokenByEnqueue({ request, answer, before, after }: Turn<'enqueue'>): string | undefined {
  for (const [i, { id, status }] of (answer ?? []).entries()) {
    const there = jobOf(after, id);
    const { idempotencyKey, known } = request.jobs[i] ?? {};
    // A key may be held for a time by a job that has ended, and an id be remembered as the one of such a job.
    const isRemembered = status === 'duplicate' && (idempotencyKey !== undefined || known === true);
    if (there === undefined && isRemembered) continue;
    if (there === undefined) return `${id} was answered ${status} and is not there`;
    if (status === 'enqueued' && id !== request.jobs[i]?.id) return `a new job has the id ${id} of another`;
    if (status === 'enqueued' && there.seq === jobOf(before, id)?.seq) return `${id} was there before`;
    if (status === 'enqueued' && there.state !== 'pending') return `${id} is new and ${there.state}`;
  }
  return brokenByDropping(request, answer, before, after);
}

/** Only jobs that waited are dropped, and none for a job of a lower priority when the lowest are to go. */
function brokenByDropping(
  request: RequestOf<'enqueue'>,
  answer: AnswerOf<'enqueue'> | undefined,
  before: State,
  after: State,
): string | undefined {
  for (const [i, { id, dropped = [] }] of (answer ?? []).entries())
    for (const gone of dropped) {
      const was = jobOf(before, gone.id);
      if (was?.state !== 'pending' || jobOf(after, gone.id)) return `${gone.id} was dropped for ${id}`;
      if (request.drops === 'lowest' && was.priority > (request.jobs[i]?.priority ?? 0))
        return `${gone.id} was dropped for ${id}, which is less urgent`;
    }
  return undefined;
}

/** A settlement counts if, and only if, its worker holds the job under its fence. */
function brokenBySettling({ request, answer, before, after }: Turn<'exchange'>): string | undefined {
  const open = new Set(before.active.map(({ id, lease }) => `${id} ${lease?.workerId} ${lease?.fence}`));
  for (const [i, { id, fence, outcome, met }] of request.settle.entries()) {
    const holds = open.delete(`${id} ${request.workerId} ${fence}`);
    const settled = answer?.settled[i] !== 'stale';
    if (holds !== settled)
      return `${request.workerId} ${holds ? 'holds' : 'does not hold'} ${id} under fence ${fence}, and was answered ${answer?.settled[i]}`;
    if (met?.how.kind === 'unreached' && answer?.settled[i] === 'settled')
      return `an attempt of ${id} that reached nobody counts`;
    const [was, is] = [jobOf(before, id), jobOf(after, id)];
    if (answer?.settled[i] === 'spared' && is?.seq === was?.seq && is?.failures !== was?.failures)
      return `${id} was spared, and has ${is?.failures} failures instead of ${was?.failures}`;
    const chained = settled && outcome.kind === 'complete' ? (outcome.enqueue ?? []) : [];
    // What was there before may have been settled here as well.
    const isLost = ({ id: each, idempotencyKey, dependsOn }: EverySpec) =>
      idempotencyKey === undefined && dependsOn === undefined && !jobOf(before, each) && !jobOf(after, each);
    const lost = chained.find(isLost);
    if (lost !== undefined) return `${lost.id}, which ${id} enqueued, is not there`;
  }
  return undefined;
}

function brokenByClaiming(turn: Turn<'exchange'>, times: Times): string | undefined {
  const { request, answer, before } = turn;
  const jobs = (answer?.jobs ?? []).map(({ job }) => job);
  const { claim } = request;
  if (claim === undefined) return jobs.length > 0 ? 'jobs were claimed that nobody asked for' : undefined;
  if (jobs.length > 0 && before.counts.paused) return 'jobs of a paused queue were claimed';
  const paused = jobs.find(({ name }) => before.counts.pausedNames?.includes(name));
  if (paused !== undefined) return `${paused.id} was claimed while ${paused.name} is paused`;
  const early = jobs.find(({ blockedBy }) => blockedBy !== undefined);
  if (early !== undefined) return `${early.id} was claimed while it waits for ${early.blockedBy}`;
  if (jobs.length > claim.limit) return `${jobs.length} jobs were claimed, the limit was ${claim.limit}`;
  for (const [name, { version, slots }] of Object.entries(claim.names)) {
    const those = jobs.filter((job) => job.name === name);
    if (those.length > slots) return `${those.length} jobs of ${name} were claimed, it had ${slots} slots`;
    if (those.some((job) => job.version > version))
      return `a payload of ${name} newer than ${version} was claimed`;
  }
  if (jobs.some((job) => !Object.hasOwn(claim.names, job.name)))
    return 'a name was claimed that nobody asked for';
  const suspect = jobs.find((job) => job.crashes >= SUSPECT_CRASHES);
  if (suspect && (jobs.length > 1 || !claim.idle))
    return `${suspect.id} crashed its owner and was not claimed alone`;
  if (!times.steady) return undefined;
  return claimedEarly(turn, jobs, times) ?? passedOver(turn, jobs, claim, times);
}

function claimedEarly({ now }: Turn, jobs: readonly Job[], { isHeld }: Times): string | undefined {
  const held = jobs.find((job) => isHeld(job.name));
  if (held !== undefined) return `${held.id} was claimed while ${held.name} is held`;
  const early = jobs.find((job) => job.runAt > now);
  return early && `${early.id} was claimed ${early.runAt - now} ms before its time`;
}

/** Nothing that was due waits behind less urgent jobs of its name, nor while there is room. */
function passedOver(
  turn: Turn<'exchange'>,
  jobs: readonly Job[],
  claim: FeaturedClaim,
  { isHeld, isGated, isSpent }: Times,
): string | undefined {
  const { before, after, now } = turn;
  if (before.counts.paused || before.pending.some((job) => job.crashes >= SUSPECT_CRASHES - 1))
    return undefined;
  if (claim.maxActive !== undefined || claim.ageing !== undefined) return undefined;
  for (const job of after.pending) {
    const asked = claim.names[job.name];
    const was = jobOf(before, job.id);
    const waited = was !== undefined && sameTurn(was, job) && !job.parked && job.runAt <= now;
    if (!waited || asked === undefined || job.version > asked.version || isHeld(job.name)) continue;
    if (before.counts.pausedNames?.includes(job.name)) continue;
    // Too old by a clock that may have jumped: a later look decides.
    if (job.expiresAt !== undefined && job.expiresAt <= now) continue;
    if (isGated(targetOf(job))) continue;
    // What kept it waiting then may lie behind it by now: see `limit-laws.ts`.
    if (asked.maxActive !== undefined || wasPutOff(was)) continue;
    const same = jobs.filter(({ name }) => name === job.name);
    const free = same.filter((other) => !isGated(targetOf(other)));
    const lesser = free.find(({ priority }) => priority < job.priority);
    if (lesser !== undefined)
      return `${lesser.id} was claimed before ${job.id}, which is more urgent and was due`;
    if (asked.rate !== undefined && isSpent(job.name)) continue;
    if (jobs.length < claim.limit && same.length < asked.slots)
      return `${job.id} was due and there was room for it`;
  }
  return undefined;
}

const targetOf = ({ name, target = name }: Job): string => target;

/** A job with a key may be due later than it says: its rate put it off. */
const wasPutOff = ({ rateKey }: Job): boolean => rateKey !== undefined;

/** It was as claimable before as it is now. */
function sameTurn(was: Job, job: Job): boolean {
  const { seq, state, parked, version, runAt } = job;
  return (
    was.seq === seq &&
    was.state === state &&
    was.parked === parked &&
    was.version === version &&
    was.runAt === runAt
  );
}

function brokenByExtending({ request, answer, before, after, now }: Turn<'extend'>): string | undefined {
  for (const [i, { id, fence }] of request.leases.entries()) {
    const holds = isLeased(before, id, request.workerId, fence);
    if (holds !== (answer?.[i] !== 'stale'))
      return `${request.workerId} ${holds ? 'holds' : 'does not hold'} ${id} under fence ${fence}, and was answered ${answer?.[i]}`;
    const until = jobOf(after, id)?.lease?.until;
    if (holds && until !== now + request.leaseMs) return `the lease of ${id} was extended to ${until}`;
  }
  return undefined;
}

function isLeased({ active }: State, id: string, workerId: string, fence: number): boolean {
  return active.some((job) => job.id === id && job.lease?.workerId === workerId && job.lease.fence === fence);
}

/** Takes back what is over or whose owner is gone, and with room left nothing of that stays. */
function brokenByReclaiming(turn: Turn<'reclaim'>, { steady }: Times): string | undefined {
  const { request, answer, before, after, now } = turn;
  const { reclaimed, dead, cancelled } = answer as AnswerOf<'reclaim'>;
  // Others died of their age.
  const wasActive = (id: string) => jobOf(before, id)?.state === 'active';
  const taken = new Set([...reclaimed, ...dead, ...cancelled].filter(wasActive));
  if (taken.size > request.limit)
    return `${taken.size} leases were reclaimed, the limit was ${request.limit}`;
  for (const { id, lease } of before.active) {
    const { workerId, until } = lease as NonNullable<Job['lease']>;
    const gone = request.goneWorkers?.includes(workerId) ?? false;
    if (taken.has(id) && !gone && until > now) return `${id} was taken from ${workerId}, whose lease holds`;
    if (taken.has(id) || taken.size === request.limit) continue;
    if (gone || (steady && isOver(request, workerId, until, now))) return `${id} was left with ${workerId}`;
  }
  const returned = reclaimed.find(
    (id) => jobOf(after, id)?.crashes !== (jobOf(before, id)?.crashes ?? 0) + 1,
  );
  return returned && `${returned} was reclaimed without a crash counted`;
}

/** Over for sure, whatever grace the living have. */
function isOver(request: RequestOf<'reclaim'>, workerId: string, until: number, now: number): boolean {
  return until <= now && !request.aliveWorkers?.includes(workerId);
}

function brokenByGetting({ request, answer, after }: Turn<'get'>): string | undefined {
  const listed = jobOf(after, request.id);
  // That a lane is halted is told by get alone.
  const { haltedBy: _, ...got } = answer ?? {};
  return stringify(answer && got) === stringify(listed)
    ? undefined
    : `get answers ${stringify(answer)}, the lists ${stringify(listed)}`;
}
