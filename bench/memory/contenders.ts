import async from 'async';
import fastq from 'fastq';
import PQueue from 'p-queue';
import { createQueue, defineJobs, enqueueMany, job, memoryStore, work } from '../../src/index.ts';

export interface Payload {
  readonly n: number;
  readonly text: string;
}

/** Jobs that wait, and what lets them run. Each contender holds the same payloads at the same three priorities. */
export interface Waiting {
  /** Lets them run, and resolves when the last one is done. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Enqueues so many jobs; resolves when all are accepted and none has begun. */
export type Fill = (count: number, payloadOf: (n: number) => Payload) => Promise<Waiting>;

const CONCURRENCY = 16;
/** Jobs given to one `enqueueMany`: the most that the store takes at a time. */
const BATCH = 1_000;
/** Interleaved, as they would come. Greater goes first. */
const PRIORITIES = [0, 10, -10];

const priorityOf = (n: number): number => PRIORITIES[n % PRIORITIES.length]!;
const handle = async ({ n }: Payload): Promise<number> => n;

/** With retries, leases and an event for each job, as every user has them. */
function holdfastQueue() {
  return createQueue({ name: 'bench', jobs: defineJobs({ work: job<Payload>() }), store: memoryStore() });
}

function waitingIn(queue: ReturnType<typeof holdfastQueue>, count: number): Waiting {
  return {
    run: () =>
      new Promise((resolve) => {
        let done = 0;
        queue.on('job:completed', () => {
          done += 1;
          if (done === count) resolve();
        });
        work(queue, { work: handle }, { concurrency: CONCURRENCY });
      }),
    close: () => queue.close(),
  };
}

const itemOf = (n: number, payloadOf: (n: number) => Payload) => ({
  name: 'work' as const,
  payload: payloadOf(n),
  priority: priorityOf(n),
});

const fillHoldfast: Fill = async (count, payloadOf) => {
  const queue = holdfastQueue();
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    await enqueueMany(
      queue,
      Array.from({ length: size }, (_, i) => itemOf(from + i, payloadOf)),
    );
  }
  return waitingIn(queue, count);
};

/** A call and a promise for each job, as the peers have it. */
const fillHoldfastSingly: Fill = async (count, payloadOf) => {
  const queue = holdfastQueue();
  const accepted: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++)
    accepted.push(queue.enqueue('work', payloadOf(n), { priority: priorityOf(n) }));
  await Promise.all(accepted);
  return waitingIn(queue, count);
};

/** A queue of promises. */
function waitingUntil(done: readonly Promise<unknown>[], begin: () => void): Waiting {
  return {
    run: async () => {
      begin();
      await Promise.all(done);
    },
    close: async () => undefined,
  };
}

const fillPQueue: Fill = async (count, payloadOf) => {
  const queue = new PQueue({ concurrency: CONCURRENCY });
  queue.pause();
  const done: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    const payload = payloadOf(n);
    done.push(queue.add(() => handle(payload), { priority: priorityOf(n) }));
  }
  return waitingUntil(done, () => queue.start());
};

const fillFastq: Fill = async (count, payloadOf) => {
  const queue = fastq.promise(handle, CONCURRENCY);
  queue.pause();
  const done: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) done.push(queue.push(payloadOf(n)));
  return waitingUntil(done, () => queue.resume());
};

/** Its lesser number goes first: the other way round than everybody else's. */
const fillAsync: Fill = async (count, payloadOf) => {
  const queue = async.priorityQueue(handle, CONCURRENCY);
  queue.pause();
  const done: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) done.push(queue.push(payloadOf(n), -priorityOf(n)));
  return waitingUntil(done, () => queue.resume());
};

export type ContenderName = 'holdfast' | 'holdfast singly' | 'p-queue' | 'async' | 'fastq';

export const fills: Readonly<Record<ContenderName, Fill>> = {
  holdfast: fillHoldfast,
  'holdfast singly': fillHoldfastSingly,
  'p-queue': fillPQueue,
  async: fillAsync,
  fastq: fillFastq,
};
