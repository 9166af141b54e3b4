import { enqueue } from '../kernel/enqueue.ts';
import type { Durability } from '../kernel/job.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { hasMore } from '../kernel/new-row.ts';
import { unlessSorted } from '../kernel/unless-sorted.ts';
import { known } from './committer.ts';
import { type EnqueueCall, enqueueCall } from './enqueue-call.ts';
import { isOfFeature } from './of-feature.ts';

/** Stores jobs, all of them or none. */
export const acceptJobs: EnqueueCall = {
  ...enqueueCall,
  amend: ({ jobs, repeated, unsorted }, { options }) => ({
    jobs: repeated ? known(jobs) : jobs,
    ...(unsorted !== undefined && { unsorted }),
    ...options.limits,
  }),
  rule: ({ unsorted, ...request }, codec, features) => {
    const rule = enqueue(codec, request, features);
    return unsorted === undefined ? rule : unlessSorted(unsorted, request.jobs, rule);
  },
  isPlain: ({ jobs, unsorted }) => unsorted === undefined && jobs.every(isPlain),
  durabilityOf: ({ jobs }) => strictest(jobs),
  hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
};

/** Undefined: one of them leaves it to the store, and none is strict. */
function strictest(jobs: readonly JobSpec[]): Durability | undefined {
  if (jobs.some(({ durability }) => durability === 'strict')) return 'strict';
  return jobs.every(({ durability }) => durability === 'relaxed') ? 'relaxed' : undefined;
}

/** Fields of a spec that says nothing which it could leave out, and its seal. */
const PLAIN_FIELDS = 7;

const isPlain = (spec: JobSpec): boolean =>
  !spec.known &&
  (spec.lane ?? spec.idempotencyKey) === undefined &&
  !(hasMore(spec, PLAIN_FIELDS) && isOfFeature(spec));
