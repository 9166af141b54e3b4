import { count, type Job, list, stats } from 'holdfast';
import { type PageQueue, titleOf } from './host.ts';
import { MAX_ATTEMPTS, type NoteDrop, type NotePush } from './jobs.ts';

export type Phase = 'running' | 'retrying' | 'waiting' | 'dead';

/** A job as the page shows it. */
export interface ShownJob {
  readonly id: string;
  readonly noteId: string;
  readonly title: string;
  /** Absent for a delete. */
  readonly revision?: number;
  readonly phase: Phase;
  readonly runAt: number;
  /** Waits behind an earlier edit of its note. */
  readonly behind: boolean;
  /** The running one or the next; of a dead job the last. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly crashes: number;
  readonly lastError?: { readonly name: string; readonly message: string; readonly at: number };
}

export interface QueueSnapshot {
  /** When reading began, epoch ms. */
  readonly at: number;
  readonly counts: Readonly<Record<Phase | 'done', number>>;
  /** Somebody has switched the app offline, in any tab: the queue is paused, for all who work on it. */
  readonly switchedOff: boolean;
  /** Running, retrying, waiting, dead; at most LISTED of each state. */
  readonly jobs: readonly ShownJob[];
  /** There are more jobs than listed. */
  readonly more: boolean;
  /** The server cannot be reached: since when, why, and when it is tried again. */
  readonly down?: { readonly since: number; readonly reason: string; readonly nextTryAt: number };
}

export const EMPTY: QueueSnapshot = {
  at: 0,
  counts: { running: 0, retrying: 0, waiting: 0, dead: 0, done: 0 },
  switchedOff: false,
  jobs: [],
  more: false,
};

const LISTED = 200;

/** Reads what the queue holds now. */
export async function readQueue(queue: PageQueue): Promise<QueueSnapshot> {
  const at = Date.now();
  const [counts, { closedTargets: [closed] = [] }, ...lists] = await Promise.all([
    count(queue),
    stats(queue),
    list(queue, { state: 'active', limit: LISTED }),
    list(queue, { state: 'pending', limit: LISTED }),
    list(queue, { state: 'dead', limit: LISTED }),
  ]);
  const order: readonly Phase[] = ['running', 'retrying', 'waiting', 'dead'];
  const jobs = lists
    .flatMap((list) => list.jobs)
    .sort((a, b) => a.seq - b.seq)
    .map((job) => showJob(job, at))
    .sort((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase));
  const retrying = jobs.filter(({ phase }) => phase === 'retrying').length;
  return {
    at,
    counts: {
      running: counts.active,
      retrying,
      waiting: Math.max(0, counts.pending - retrying),
      dead: counts.dead,
      done: counts.completed,
    },
    switchedOff: counts.paused,
    jobs,
    more: lists.some(({ cursor }) => cursor !== undefined),
    ...(closed && { down: { since: closed.since, reason: closed.reason, nextTryAt: closed.nextProbeAt } }),
  };
}

function showJob(job: Job, now: number): ShownJob {
  const payload = job.payload as NotePush | NoteDrop;
  const error = job.errors.at(-1);
  return {
    id: job.id,
    noteId: payload.id,
    title: titleOf(job),
    ...('revision' in payload && { revision: payload.revision }),
    phase: phaseOf(job, now),
    runAt: job.runAt,
    behind: job.parked,
    attempt: error?.attempt !== undefined && job.state === 'dead' ? error.attempt : job.attempt,
    maxAttempts: job.maxAttempts ?? MAX_ATTEMPTS,
    crashes: job.crashes,
    ...(error && { lastError: { name: error.name, message: error.message, at: error.at } }),
  };
}

/** Tried before, with or without a failure that counts: it has an error. */
function phaseOf({ state, errors, parked, runAt }: Job, now: number): Phase {
  if (state === 'active') return 'running';
  if (state === 'dead') return 'dead';
  return errors.length > 0 && !parked && runAt > now ? 'retrying' : 'waiting';
}
