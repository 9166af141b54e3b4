import { enqueue } from '../kernel/enqueue.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { hasMore } from '../kernel/new-row.ts';
import { known } from './committer.ts';
import { type EnqueueCall, enqueueCall } from './enqueue-call.ts';
import { ENQUEUE_OPTIONS } from './enqueue-options.ts';

/** Stores jobs, all of them or none. */
export const acceptJobs: EnqueueCall = {
  ...enqueueCall,
  amend: ({ jobs, repeated }, { options }) => ({ jobs: repeated ? known(jobs) : jobs, ...options.limits }),
  rule: (request, codec, features) => enqueue(codec, request, features),
  isPlain: ({ jobs }) => jobs.every(isPlain),
  hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
};

/** Fields of a spec that says nothing which it could leave out, and its seal. */
const PLAIN_FIELDS = 7;

const isPlain = (spec: JobSpec): boolean =>
  !spec.known &&
  (spec.lane ?? spec.idempotencyKey) === undefined &&
  !(hasMore(spec, PLAIN_FIELDS) && isOfFeature(spec));

/** It says what the kernel does not know: a feature may have records for it. */
function isOfFeature(spec: JobSpec): boolean {
  for (const field in spec) if (!KERNEL.has(field)) return true;
  return false;
}

const KERNEL: ReadonlySet<string> = new Set([
  ...Object.keys(ENQUEUE_OPTIONS),
  ...['known', 'name', 'version', 'payload', 'sealed', 'dedupeMs'],
]);
