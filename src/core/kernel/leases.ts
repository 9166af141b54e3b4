import { attachTo, sealAttached } from './attached.ts';
import { crashDelay } from './backoff.ts';
import { mustGoBack } from './begin.ts';
import type { Claims, Lease } from './claims-row.ts';
import { clockMoved, openControl } from './clock.ts';
import type { Codec } from './codec.ts';
import type { Control } from './control-row.ts';
import { hooksOf } from './features.ts';
import { appendError } from './job-error.ts';
import type { Attached, JobRow } from './job-row.ts';
import { dropCancelled, requeue, toDeadLetters } from './lease-ends.ts';
import type { ExtendAnswer, ExtendRequest, ReclaimAnswer, ReclaimRequest } from './messages.ts';
import { buryOverdue } from './overdue.ts';
import type { Rows, Rule } from './rows.ts';
import { sealSmall } from './small-value.ts';
import { read, type Step } from './step.ts';

const DEFAULT_MAX_CRASHES = 10;

/** A browser ends a service worker that is idle, takes too long or needs memory: a job that is always the reason is dead after 50 of them. */
const EVICTIONS_A_CRASH = 5;

/** Browsers throttle the timers of a hidden tab to one a minute (Chrome 88), so a heartbeat may be that late. */
const ALIVE_GRACE_MS = 60_000;

/** Seals progress and what is attached at once; what is answered runs in a transaction. */
export function extend(codec: Codec, request: ExtendRequest): Rule<readonly ExtendAnswer[]> {
  const progresses = request.leases.map(
    ({ progress }) => progress !== undefined && sealSmall(codec, 'progress', progress),
  );
  const attached = request.leases.map(({ attach }) => sealAttached(codec, attach));
  return function* (rows, now) {
    const control = yield* openControl(rows, now);
    const claims = yield* read(rows.claims());
    const mine = claims.find(({ workerId }) => workerId === request.workerId);
    const held = new Map(mine?.leases.map((lease) => [lease.id, lease]));
    const answers = request.leases.map(({ id, fence, progress, unbegun }, i): ExtendAnswer => {
      const lease = held.get(id);
      if (lease === undefined || lease.fence !== fence) return 'stale';
      lease.until = now + request.leaseMs;
      lease.leaseMs = request.leaseMs;
      if (progress !== undefined) lease.progress = progresses[i];
      if (lease.cancelRequested) return 'cancelRequested';
      return unbegun && control !== undefined && mustGoBack(control, lease, now) ? 'goesBack' : 'extended';
    });
    for (const [i, { id }] of request.leases.entries())
      if (attached[i] !== undefined && answers[i] !== 'stale')
        yield* attach(rows, held.get(id) as Lease, attached[i]);
    if (mine !== undefined && answers.some((answer) => answer !== 'stale')) rows.putClaims(mine);
    return answers;
  };
}

/** In the job's own row: it outlives the lease. */
function* attach(rows: Rows, lease: Lease, attached: Attached): Step<void> {
  const row = yield* read(rows.job(lease));
  if (row !== undefined) rows.moveJob(row, attachTo(lease, row, attached));
}

/** Owners that prove their life for as long as they have one. */
export function* provenOwners(rows: Rows): Step<string[]> {
  return (yield* read(rows.claims())).filter(({ proven }) => proven).map(({ workerId }) => workerId);
}

/** What was found before a reclaim: most find nothing to take back, and need no turn to write. */
export interface LeaseLook {
  /** Owners that prove their life for as long as they have one. */
  readonly owners: readonly string[];
  /** Whether `reclaim` would write. What is claimed after the look has just begun, so it is nothing to take back. */
  readonly isNeeded: (request: ReclaimRequest) => boolean;
}

export function* lookAtLeases(rows: Rows, now: number): Step<LeaseLook> {
  const control = yield* read(rows.control());
  const claims = yield* read(rows.claims());
  const moved = control !== undefined && (clockMoved(control, now) || (control.expiryAt ?? now + 1) <= now);
  return {
    owners: yield* provenOwners(rows),
    isNeeded: (request) => moved || lostLeases(claims, request, now).size > 0,
  };
}

/** Takes back the leases of owners that are gone, each with one crash more, or with one eviction more where their host may end them at any time. */
export function* reclaim(rows: Rows, request: ReclaimRequest, now: number): Step<ReclaimAnswer> {
  const answer: Mutable<ReclaimAnswer> = { reclaimed: [], dead: [], cancelled: [] };
  const control = yield* openControl(rows, now);
  if (control === undefined) return answer;
  const claims = yield* read(rows.claims());
  const lost = lostLeases(claims, request, now);
  const evictable = new Set(claims.flatMap((claim) => (claim.evictable ? claim.leases : [])));
  for (const claim of claims) {
    const kept = claim.leases.filter((lease) => !lost.has(lease));
    if (kept.length === claim.leases.length) continue;
    claim.leases = kept;
    rows.putClaims(claim);
  }
  for (const lease of lost) {
    const ending = evictable.has(lease) ? countEviction : countCrash;
    answer[yield* lostOne(rows, control, lease, ending, now)].push(lease.id);
  }
  const overdue = yield* buryOverdue(rows, control, now);
  for (const { id } of overdue ?? []) answer.dead.push(id);
  if (lost.size > 0 || overdue !== undefined) rows.putControl(control);
  // What came back too old is told once, as what it came to.
  return { ...answer, reclaimed: answer.reclaimed.filter((id) => !answer.dead.includes(id)) };
}

/** Those claimed first, whoever held them: in what order the workers are read is the store's business. */
function lostLeases(claims: readonly Claims[], request: ReclaimRequest, now: number): ReadonlySet<Lease> {
  const lost = claims.flatMap((claim) => claim.leases.filter((lease) => isLost(claim, lease, request, now)));
  return new Set(lost.sort((a, b) => a.fence - b.fence).slice(0, request.limit));
}

type Mutable<Lists> = { [list in keyof Lists]: string[] };

function isLost({ workerId }: Claims, { until }: Lease, request: ReclaimRequest, now: number): boolean {
  if (request.goneWorkers?.includes(workerId)) return true;
  return until + (request.aliveWorkers?.includes(workerId) ? ALIVE_GRACE_MS : 0) <= now;
}

function* lostOne(
  rows: Rows,
  control: Control,
  lease: Lease,
  ending: typeof countCrash,
  now: number,
): Step<keyof ReclaimAnswer> {
  control.active -= 1;
  for (const feature of hooksOf(rows).unleased) {
    const steps = feature.unleased(rows, control, lease, now);
    if (steps !== undefined) yield* steps;
  }
  const row = yield* read(rows.job(lease));
  // A row that is lost is nothing to run any more: who waits for it hears of that.
  if (row === undefined || lease.cancelRequested) {
    yield* dropCancelled(rows, control, lease, now);
    return 'cancelled';
  }
  return yield* ending(rows, control, row, now);
}

/** Its owner was ended by its host, which says little of the job: it comes back at once, and every fifth time counts as a crash. */
function* countEviction(rows: Rows, control: Control, row: JobRow, now: number): Step<'reclaimed' | 'dead'> {
  const next = { ...row, evictions: (row.evictions ?? 0) + 1 };
  if (next.evictions % EVICTIONS_A_CRASH === 0) return yield* countCrash(rows, control, next, now);
  requeue(rows, control, next, now, now);
  return 'reclaimed';
}

/** Its owner is gone: it comes back with one crash more, or is dead of them. */
function* countCrash(rows: Rows, control: Control, row: JobRow, now: number): Step<'reclaimed' | 'dead'> {
  const crashes = row.crashes + 1;
  const message = `its owner vanished in the middle (crash ${crashes})`;
  const error = { name: 'CrashError', message, attempt: row.failures + 1, at: now };
  const next = { ...row, crashes, errors: appendError(row.errors, error) };
  if (crashes >= (row.maxCrashes ?? DEFAULT_MAX_CRASHES)) {
    yield* toDeadLetters(rows, control, next, now);
    return 'dead';
  }
  requeue(rows, control, next, now + crashDelay(crashes), now);
  return 'reclaimed';
}
