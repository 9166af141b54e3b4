import type { Job, JobState } from '../kernel/job.ts';
import { type Context, contextOf, type HandleOf, rowsNow } from '../queue/context.ts';
import type { Definitions, JobOf } from '../queue/definitions.ts';
import type { EnqueueItem } from '../queue/enqueue-item.ts';
import type { EnqueueOptions } from '../queue/enqueue-options.ts';
import { callable } from '../queue/queue-operation.ts';
import { listing, pages } from './list.ts';

/** What `enqueueMany` takes. */
export type ExportedItem<Jobs extends Definitions = Definitions> = EnqueueItem<Jobs>;

/** A job of the queue, and what enqueues it again. */
export interface ExportedJob<Jobs extends Definitions = Definitions> {
  readonly job: JobOf<Jobs>;
  /**
   * For `enqueueMany`, here or elsewhere, in the order in which they come: under the same id, at its instant, with what is left of its age,
   * waiting for what it still waits for. It begins anew: failures, crashes, checkpoints, results of others, its batch and the time that its
   * key is held are not taken along; nor is the version of its payload, which has to be that of the queue it goes to. Absent for a
   * completed job.
   */
  readonly item?: ExportedItem<Jobs>;
}

const STATES: readonly JobState[] = ['active', 'pending', 'dead', 'completed'];

/**
 * Iterates over all jobs, read in pages of 100: running, waiting, dead, and completed ones that are kept. Changes
 * nothing. Stop the workers first: jobs that change meanwhile may be missed or come twice. Within a state they come in the order of
 * `list`; sort by `job.seq` to enqueue them elsewhere in the order in which they were accepted.
 *
 * @example
 * for await (const { item } of exportJobs(queue)) if (item) backup.push(item);
 *
 * @throws StoreError, StoreClosedError
 */
export const exportJobs = /* @__PURE__ */ callable([listing], async function* <
  Jobs extends Definitions = Definitions,
>(queue: HandleOf<Jobs>): AsyncGenerator<ExportedJob<Jobs>, void, undefined> {
  for (const state of STATES)
    for await (const jobs of pages(queue, { state }))
      for (const job of jobs) yield exported(job, contextOf(queue)) as unknown as ExportedJob<Jobs>;
});

function exported(job: Job, context: Context): ExportedJob {
  return job.state === 'completed' ? { job } : { job, item: itemOf(job, context) };
}

/** What an item does not take from its job: these were the enqueue's own, or are said otherwise below. */
const NOT_TAKEN: {
  readonly [Option in Exclude<keyof EnqueueOptions, keyof Job> | 'runAt' | 'maxAgeMs' | 'dependsOn']: true;
} = {
  delayMs: true,
  durability: true,
  onDuplicate: true,
  runAt: true,
  maxAgeMs: true,
  dependsOn: true,
};

/** What it waits for, where a feature shows that. */
type Waiting = Job & { readonly blockedBy?: readonly string[] };

/** Every option that the job shows. Absent ones are left out: an item may be stored as JSON in between. */
function itemOf(job: Waiting, context: Context): ExportedItem {
  const now = rowsNow(context);
  const { name, payload, state, runAt, expiresAt, maxAgeMs, blockedBy } = job;
  const taken = Object.keys(context.accepts.checks).filter((option) => !(option in NOT_TAKEN));
  const isPending = state === 'pending';
  const given = {
    ...Object.fromEntries(taken.map((option) => [option, job[option as keyof Job]])),
    dependsOn: isPending ? blockedBy : undefined,
    runAt: isPending && runAt > now ? runAt : undefined,
    maxAgeMs: expiresAt === undefined ? maxAgeMs : Math.max(1, expiresAt - Math.max(now, runAt)),
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { name, payload, ...Object.fromEntries(set) };
}
