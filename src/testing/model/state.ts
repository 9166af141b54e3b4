import type { Job, JobState } from '../../core/kernel/job.ts';
import type { Counts, ListRequest } from '../../core/kernel/messages.ts';
import type { StoreCalls } from '../store-calls.ts';

/** All that reading shows of a queue. */
export interface State {
  readonly pending: readonly Job[];
  readonly active: readonly Job[];
  readonly completed: readonly Job[];
  readonly dead: readonly Job[];
  readonly cancelled: readonly Job[];
  readonly counts: Counts;
}

export const states: readonly JobState[] = ['pending', 'active', 'completed', 'dead', 'cancelled'];

export async function readState(openings: readonly StoreCalls[], queue: string): Promise<State> {
  const whole = (state: JobState) => readPages(openings, { queue, state, limit: 1_000 });
  const [first] = openings as readonly [StoreCalls];
  const [pending, active, completed, dead, cancelled, counts] = await Promise.all([
    whole('pending'),
    whole('active'),
    whole('completed'),
    whole('dead'),
    whole('cancelled'),
    first.count({ queue }),
  ]);
  return { pending, active, completed, dead, cancelled, counts };
}

/**
 * All pages, from the openings in turn. Cursors are the store's own, and so is the order in which names and lanes
 * come among the pending jobs.
 */
export async function readPages(
  openings: readonly StoreCalls[],
  request: ListRequest & { readonly queue: string },
): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const opening = openings[pages % openings.length] as StoreCalls;
    const page = await opening.list(cursor === undefined ? request : { ...request, cursor });
    if (page.jobs.length > request.limit)
      throw new Error(`a page has ${page.jobs.length} jobs, its limit is ${request.limit}`);
    if (pages > MAX_PAGES) throw new Error(`the ${request.state} jobs have more than ${MAX_PAGES} pages`);
    jobs.push(...page.jobs);
    cursor = page.cursor;
    pages += 1;
  } while (cursor !== undefined);
  return request.state === 'pending' ? jobs.sort(byGroup) : jobs;
}

/** More than any walk can fill; a cursor that leads nowhere would be followed for ever. */
const MAX_PAGES = 1_000;

/** Sorting is stable: claim order stays inside a name and version. */
function byGroup(a: Job, b: Job): number {
  if (a.parked !== b.parked) return a.parked ? 1 : -1;
  if (a.parked) return a.seq - b.seq;
  return groupOf(a) < groupOf(b) ? -1 : groupOf(a) > groupOf(b) ? 1 : 0;
}

const groupOf = (job: Job): string => `${job.name}@${job.version}`;

/** The live jobs: pending and active. */
export const liveJobs = ({ pending, active }: State): readonly Job[] => [...pending, ...active];

export function jobOf(state: State, id: string): Job | undefined {
  return [...state.pending, ...state.active, ...state.completed, ...state.dead].find((job) => job.id === id);
}
