import { type Claims, claimedIds, type Lease } from './claims-row.ts';
import type { Job } from './job.ts';
import type { FinalRow, Found, JobRow } from './job-row.ts';
import type { Counts, ListAnswer, ListRequest } from './messages.ts';
import { claimKey, finalKey, laneKey, laneOf } from './order.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { activeJob, finalJob, pendingJob } from './view.ts';

export function* get(rows: Rows, id: string): Step<Job | undefined> {
  const found = yield* read(rows.find(id));
  return found && (yield* jobOf(rows, found));
}

export function* jobOf(rows: Rows, found: Found): Step<Job> {
  if (found.at === 'finals') return finalJob(rows, found.row);
  if (found.at === 'parked') return yield* parkedJob(rows, found.row);
  for (const { workerId, leases } of yield* read(rows.claims())) {
    const lease = leases.find((held) => held.id === found.row.id);
    if (lease !== undefined) return activeJob(rows, found.row, workerId, lease);
  }
  return pendingJob(rows, found.row, false);
}

function* parkedJob(rows: Rows, row: JobRow): Step<Job> {
  const job = pendingJob(rows, row, true);
  const halt = yield* read(rows.record('halt', laneOf(row) ?? ''));
  return halt === undefined ? job : { ...job, haltedBy: halt.id };
}

export function* count(rows: Rows): Step<Counts> {
  const control = yield* read(rows.control());
  const {
    pending = 0,
    active = 0,
    completed = 0,
    dead = 0,
    cancelled = 0,
    bytes = 0,
    dropped = 0,
    paused = false,
  } = control ?? {};
  const { pausedNames } = control ?? {};
  const counts = { pending, active, completed, dead, cancelled, bytes, dropped, paused };
  return pausedNames === undefined ? counts : { ...counts, pausedNames };
}

export function* list(rows: Rows, request: ListRequest): Step<ListAnswer> {
  switch (request.state) {
    case 'pending':
      return yield* listPending(rows, request);
    case 'active':
      return yield* listActive(rows, request);
    case 'dead':
    case 'completed':
      return yield* listFinals(rows, request, request.state);
    case 'cancelled':
      return { jobs: [] };
  }
}

/** A page is cut by rows read, not by jobs that match, so that each is bounded work. */
function page<Row>(
  request: ListRequest,
  read: readonly Row[],
  keyOf: (row: Row) => string,
  toJob: (row: Row) => Job | undefined,
): ListAnswer {
  const jobs = read.map(toJob).filter((job) => job !== undefined && isAskedFor(request, job)) as Job[];
  const last = read.at(-1);
  return last === undefined || read.length < request.limit ? { jobs } : { jobs, cursor: keyOf(last) };
}

const isAskedFor = ({ name, tag }: ListRequest, job: Job): boolean =>
  (name === undefined || job.name === name) && (tag === undefined || job.tags?.includes(tag) === true);

const CLAIMABLE = 'c';
const PARKED = 'p';

/** First the claimable, then the parked: the cursor's first letter says where it is. */
function* listPending(rows: Rows, request: ListRequest): Step<ListAnswer> {
  const cursor = request.cursor ?? CLAIMABLE;
  if (cursor.startsWith(PARKED)) return yield* listParked(rows, request, cursor.slice(1));
  const found = yield* read(rows.jobsAfter(cursor.slice(1), request.limit));
  const claimed = claimedIds(yield* read(rows.claims()));
  const toJob = (row: JobRow) => (claimed.has(row.id) ? undefined : pendingJob(rows, row, false));
  const answer = page(request, found, (row) => CLAIMABLE + claimKey(row), toJob);
  if (answer.cursor !== undefined) return answer;
  const left = request.limit - answer.jobs.length;
  if (left === 0) return { ...answer, cursor: PARKED };
  const parked = yield* listParked(rows, { ...request, limit: left }, '');
  return { ...parked, jobs: [...answer.jobs, ...parked.jobs] };
}

function* listParked(rows: Rows, request: ListRequest, after: string): Step<ListAnswer> {
  const found = yield* read(rows.parkedAfter(after, request.limit));
  const keyOf = (row: JobRow) => PARKED + laneKey(laneOf(row) as string, row.seq);
  return page(request, found, keyOf, (row) => pendingJob(rows, row, true));
}

function* listActive(rows: Rows, request: ListRequest): Step<ListAnswer> {
  const after = Number(request.cursor ?? 0);
  const leases = heldLeases(yield* read(rows.claims()))
    .filter(({ lease }) => lease.seq > after)
    .slice(0, request.limit);
  const jobs = new Map<string, JobRow | undefined>();
  for (const { lease } of leases) jobs.set(lease.id, yield* read(rows.job(lease)));
  return page(
    request,
    leases,
    ({ lease }) => String(lease.seq),
    ({ lease, workerId }) => {
      const row = jobs.get(lease.id);
      return row && activeJob(rows, row, workerId, lease);
    },
  );
}

function heldLeases(claims: readonly Claims[]): { workerId: string; lease: Lease }[] {
  return claims
    .flatMap(({ workerId, leases }) => leases.map((lease) => ({ workerId, lease })))
    .sort((a, b) => a.lease.seq - b.lease.seq);
}

function* listFinals(rows: Rows, request: ListRequest, state: FinalRow['state']): Step<ListAnswer> {
  const found = yield* read(rows.finalsAfter(request.cursor ?? '', state, request.limit));
  return page(request, found, finalKey, (row) => finalJob(rows, row));
}
