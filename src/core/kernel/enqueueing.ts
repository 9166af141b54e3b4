import type { Codec } from './codec.ts';
import { enqueue } from './enqueue.ts';
import { type Logging, logOf } from './logging.ts';
import type { EnqueueAnswer, EnqueueRequest, JobSpec } from './messages.ts';
import type { Rule } from './rows.ts';
import type { JobStore } from './store.ts';
import type { Transact } from './transaction.ts';
import { ofEnqueue } from './transitions.ts';

/** What enqueues: seals at once, and answers what is to run in a transaction. */
export type Enqueueing = (request: EnqueueRequest, now: number) => Rule<readonly EnqueueAnswer[]>;

export function enqueueing(codec: Codec, logging: Logging = {}): Enqueueing {
  const log = logOf(logging);
  return (request, now) => log(now, (answers) => ofEnqueue(request, answers), enqueue(codec, request, now));
}

/** The part of the store contract that brings work, over a way to run one transaction. */
export function enqueueOperation(run: Enqueueing, transact: Transact): Pick<JobStore, 'enqueue'> {
  return {
    enqueue: async (request, now) =>
      transact({
        queue: request.queue,
        kind: 'enqueuer',
        isPlain: request.jobs.every(isPlain),
        run: run(request, now),
        hint: (answers) => (answers.some(({ status }) => status !== 'duplicate') ? 'work' : undefined),
      }),
  };
}

const isPlain = ({ known, lane, idempotencyKey, dependsOn, batch, tick }: JobSpec): boolean =>
  !known && (lane ?? idempotencyKey ?? dependsOn ?? batch ?? tick) === undefined;
