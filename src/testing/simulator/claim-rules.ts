import type { ClaimRequest, ExchangeAnswer, Job } from '../../core/index.ts';
import type { Complain } from './journal.ts';
import { brokenLimits, type Limits, outsideLimits } from './limit-rules.ts';
import type { Snapshot } from './snapshot.ts';

/** From this crash on a job runs alone, in a worker that runs nothing else. */
const SUSPECT_CRASHES = 2;

/** What is known of the queue beside its jobs. Where clocks were set, less is known, and less is asked. */
export interface Circumstances {
  readonly limits: Limits;
  readonly now: number;
  /** No earlier call came at a later instant. */
  readonly inOrder: boolean;
  /** The name is held beyond now, for all that is known. */
  isHeld(name: string): boolean;
  /** The target is closed, or being tried: not all of its jobs are let through. */
  isGated(target: string): boolean;
  /** By itself. */
  isPaused(name: string): boolean;
  /** It may be. */
  mayBeHeld(name: string): boolean;
  /** The job has never left the place that its enqueue gave it. */
  isFirst(id: string): boolean;
  /** It waited behind another before the call. */
  wasParked(id: string): boolean;
  /** No clock was set back since the job was given its time. */
  isTimely(id: string): boolean;
  /** Others limit the name, and who asks does not: it is to be left alone. */
  isMarked(name: string): boolean;
  /** It may be. */
  mayBeMarked(name: string): boolean;
  /** A feature without which the job is not run, and which who asks does not have. */
  lacksFor(job: Job): string | undefined;
  /** Perhaps such a feature: what runs when it is abandoned keeps its need until that is done again. */
  mayLackFor(job: Job): string | undefined;
}

/** A claim takes what it may, in the order that it must, and leaves nothing that it could have taken. */
export function checkClaim(
  request: ClaimRequest,
  { jobs, buried }: ExchangeAnswer,
  after: Snapshot,
  known: Circumstances,
  complain: Complain,
): void {
  const taken = jobs.map(({ job }) => job);
  if (after.counts.paused && taken.length > 0) complain('paused gives none', `${taken.length} were claimed`);
  if (taken.length > request.limit)
    complain('limits', `${taken.length} were claimed, ${request.limit} asked for`);
  const left = new Map(Object.entries(request.names).map(([name, { slots }]) => [name, slots]));
  for (const problem of brokenLimits(known.limits, taken, after)) complain('limits', problem);
  for (const { id } of taken) {
    const lacking = known.lacksFor(after.jobs.get(id) as Job);
    if (lacking !== undefined) complain('needs', `${id} was claimed without ${lacking}`);
  }
  for (const job of taken) {
    left.set(job.name, (left.get(job.name) ?? 0) - 1);
    checkTaken(request, job, left, known, complain);
  }
  const alone = taken.find((job) => job.crashes >= SUSPECT_CRASHES);
  if (alone !== undefined && (taken.length > 1 || !request.idle))
    complain(
      'suspects run alone',
      `${alone.id} crashed ${alone.crashes} times and was claimed beside others`,
    );
  // Who takes the place of one that is buried by the claim comes when others have been taken.
  const isLate = (id: string) => buried !== undefined && known.wasParked(id);
  checkLeft(request, taken, left, after, { ...known, isLate }, complain);
}

function checkTaken(
  request: ClaimRequest,
  job: Job,
  left: ReadonlyMap<string, number>,
  known: Circumstances,
  complain: Complain,
): void {
  const asked = request.names[job.name];
  if (asked === undefined || asked.version < job.version)
    complain('claims ask for what they know', `${job.id} is a ${job.name} of version ${job.version}`);
  else if ((left.get(job.name) ?? 0) < 0)
    complain('limits', `more of ${job.name} than its ${asked.slots} slots`);
  if (job.parked) complain('lane order', `${job.id} was claimed while it was parked`);
  if (known.isPaused(job.name))
    complain('paused gives none', `${job.id} was claimed while ${job.name} is paused`);
  if (known.isMarked(job.name))
    complain('limits', `${job.id} was claimed where ${job.name} is not limited, as it is elsewhere`);
  if (known.isHeld(job.name)) complain('holds', `${job.id} was claimed while ${job.name} is held`);
  if (known.inOrder && known.isTimely(job.id) && job.runAt > known.now)
    complain('delays', `${job.id} was claimed ${job.runAt - known.now} ms before its time`);
}

function checkLeft(
  request: ClaimRequest,
  taken: readonly Job[],
  left: ReadonlyMap<string, number>,
  after: Snapshot,
  known: Circumstances & { isLate(id: string): boolean },
  complain: Complain,
): void {
  if (after.counts.paused || !known.inOrder) return;
  const isUnlimited = outsideLimits(known.limits, after);
  const claimable = [...after.jobs.values()].filter(
    (job) => (left.get(job.name) ?? 0) > 0 && isClaimable(job, request, known) && isUnlimited(job),
  );
  // One that waits for its turn alone keeps those behind it waiting; where it stands is not seen from outside.
  const suspects = [...after.jobs.values()].some((job) => job.crashes >= SUSPECT_CRASHES);
  for (const job of claimable) {
    if (taken.length < request.limit && !suspects)
      complain('claims leave nothing', `${job.id} is due and was left although there was room`);
    const lower = taken.find((other) => other.priority < job.priority);
    if (lower !== undefined && request.ageing === undefined && !known.isLate(job.id))
      complain(
        'priority order',
        `${lower.id} (${lower.priority}) was claimed before ${job.id} (${job.priority})`,
      );
    const later = taken.find((other) => isBehind(other, job, request, known));
    if (later !== undefined) complain('first in, first out', `${later.id} was claimed before ${job.id}`);
  }
}

/** Whether a worker that asks so must get the job if it has room. */
export function isClaimable(job: Job, { names }: Pick<ClaimRequest, 'names'>, known: Circumstances): boolean {
  const asked = names[job.name];
  return (
    job.state === 'pending' &&
    !job.parked &&
    job.runAt <= known.now &&
    // Whether it is too old may be in doubt, and it then waits.
    (job.expiresAt ?? Number.POSITIVE_INFINITY) > known.now &&
    asked !== undefined &&
    asked.version >= job.version &&
    !known.isPaused(job.name) &&
    !known.isGated(job.target ?? job.name) &&
    !known.mayBeHeld(job.name) &&
    !known.mayBeMarked(job.name) &&
    known.mayLackFor(job) === undefined
  );
}

function isBehind(taken: Job, job: Job, { ageing }: ClaimRequest, known: Circumstances): boolean {
  // Who has waited longest is told by clocks, which may differ, where two are not in one line.
  if (ageing !== undefined && taken.target !== job.target) return false;
  const same = taken.priority === job.priority && taken.name === job.name && taken.version === job.version;
  const never = (one: Job) =>
    known.isFirst(one.id) && one.runAt === one.enqueuedAt && !known.isGated(one.target ?? one.name);
  return same && taken.seq > job.seq && never(taken) && never(job);
}
