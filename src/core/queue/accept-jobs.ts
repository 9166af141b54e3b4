import { enqueue } from '../kernel/enqueue.ts';
import type { EnqueueAnswer, EnqueueRequest, JobSpec } from '../kernel/messages.ts';
import { ofEnqueue } from '../kernel/transitions.ts';
import { firstAccepted, known } from './committer.ts';
import type { QueueOperation } from './queue-operation.ts';

/** Stores jobs, all of them or none. */
export const acceptJobs: QueueOperation<EnqueueRequest, readonly EnqueueAnswer[]> = {
  name: 'enqueue',
  kind: 'enqueuer',
  amend: ({ jobs, repeated }, { options }) => ({ jobs: repeated ? known(jobs) : jobs, ...options.limits }),
  rule: (request, codec) => enqueue(codec, request),
  instants: { args: ['jobs[].runAt'] },
  stays: ['jobs[].sealed'],
  again: {
    args: (request) => ({ ...request, repeated: true }),
    answer: (answers, { jobs }) => firstAccepted(answers, jobs),
  },
  isPlain: ({ jobs }) => jobs.every(isPlain),
  hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
  // After a duplicate too: the call before it, whose answer was lost, may have stored the job.
  hintHere: () => 'work',
  transitions: (answers, request) => ofEnqueue(request, answers),
  tell: (answers, { jobs }, { emitter }) => {
    answers.forEach(({ id, status, dropped }, i) => {
      if (dropped !== undefined) for (const job of dropped) emitter.emit('job:dropped', { ...job });
      const name = jobs[i]?.name ?? '';
      emitter.emit(status === 'duplicate' ? 'job:duplicate' : 'job:enqueued', { id, name });
    });
  },
};

const isPlain = ({ known, lane, idempotencyKey, dependsOn, batch, tick }: JobSpec): boolean =>
  !known && (lane ?? idempotencyKey ?? dependsOn ?? batch ?? tick) === undefined;
