import type { EnqueueAnswer, EnqueueRequest } from '../kernel/messages.ts';
import type { QueueOperation } from './queue-operation.ts';

/** How a queue asks for its jobs to be stored, here or elsewhere. */
export type EnqueueCall = QueueOperation<EnqueueRequest, readonly EnqueueAnswer[]>;

/** The call as it goes elsewhere: how jobs are stored, the host knows, and a page need not load it. */
export const enqueueCall: Omit<EnqueueCall, 'rule'> = {
  name: 'enqueue',
  kind: 'enqueuer',
  // After a duplicate too: the call before it, whose answer was lost, may have stored the job.
  hintHere: () => 'work',
  tell: (answers, { jobs }, { emitter }) => {
    answers.forEach(({ id, status, dropped }, i) => {
      if (dropped !== undefined) for (const job of dropped) emitter.emit('job:dropped', { ...job });
      const name = jobs[i]?.name ?? '';
      emitter.emit(status === 'duplicate' ? 'job:duplicate' : 'job:enqueued', { id, name });
    });
  },
};
