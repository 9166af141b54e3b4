import { enqueue } from '../kernel/enqueue.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { known } from './committer.ts';
import { type EnqueueCall, enqueueCall } from './enqueue-call.ts';

/** Stores jobs, all of them or none. */
export const acceptJobs: EnqueueCall = {
  ...enqueueCall,
  amend: ({ jobs, repeated }, { options }) => ({ jobs: repeated ? known(jobs) : jobs, ...options.limits }),
  rule: (request, codec) => enqueue(codec, request),
  isPlain: ({ jobs }) => jobs.every(isPlain),
  hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
};

const isPlain = ({ known, lane, idempotencyKey, dependsOn, batch }: JobSpec): boolean =>
  !known && (lane ?? idempotencyKey ?? dependsOn ?? batch) === undefined;
