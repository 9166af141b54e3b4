import type { Counts, Job, JobState } from '../../core/index.ts';
import type { StoreCalls } from '../store-calls.ts';

/** All that can be seen of a queue at one instant. */
export interface Snapshot {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly counts: Counts;
}

const STATES: readonly JobState[] = ['pending', 'active', 'dead', 'completed'];
const PAGE = 1_000;

export async function takeSnapshot(store: StoreCalls, queue: string): Promise<Snapshot> {
  const jobs = new Map<string, Job>();
  for (const state of STATES) {
    let cursor: string | undefined;
    do {
      const page = await store.list({
        queue,
        state,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const job of page.jobs) jobs.set(job.id, job);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return { jobs, counts: await store.count({ queue }) };
}
