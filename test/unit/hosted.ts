import {
  createQueue,
  defineJobs,
  type Environment,
  job,
  memoryStore,
  type Queue,
  type Store,
} from 'holdfast';
import { type HostQueueOptions, hostQueue, workerQueue } from 'holdfast/comlink';
import { onTestFinished } from 'vitest';
import { everyFeature } from '../../src/testing/every-feature.ts';
import { everything } from './everything.ts';

export const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }), other: job<unknown>() });
export type Jobs = typeof jobs;

/** What hangs ends by the suite's own limit. */
export const PATIENT = { timeout: 600_000 };

/** A worker as a page has it, with the queue that it hosts. */
export interface FakeWorker {
  readonly host: Queue<Jobs>;
  readonly worker: Worker;
  /** Its script throws. */
  fail(message: string): void;
}

export interface Hosting extends HostQueueOptions {
  readonly environment?: Environment;
  /** A message on its way to the worker. */
  readonly carry?: (message: unknown) => unknown;
}

export function fakeWorker(
  store: Store,
  ends: (() => void)[],
  { environment, carry, ...options }: Hosting = {},
): FakeWorker {
  const { port1, port2 } = new MessageChannel();
  const host = createQueue({
    name: 'sync',
    jobs,
    store,
    use: everyFeature(),
    ...(environment && { environment }),
  });
  const stop = hostQueue(host, everything, { ...options, endpoint: port1 });
  const errors = new EventTarget();
  const end = () => {
    stop();
    port1.close();
    port2.close();
  };
  ends.push(end);
  const worker = Object.assign(errors, {
    postMessage(message: unknown, transfer: Transferable[]) {
      const carried = carry === undefined ? message : carry(message);
      port2.postMessage(carried, carried === message ? transfer : [(carried as { port: MessagePort }).port]);
    },
    terminate: end,
  });
  const fail = (message: string) => void errors.dispatchEvent(Object.assign(new Event('error'), { message }));
  return { host, worker: worker as unknown as Worker, fail };
}

/** As a SharedWorker: who opens it finds the same one, and nobody ends it. */
export function shared({ worker }: FakeWorker): SharedWorker {
  const postMessage = worker.postMessage.bind(worker);
  return { port: { postMessage, close: () => undefined } } as unknown as SharedWorker;
}

/** A page and its worker, over one store: each worker that is made is another opening. */
export function hosted(options: Hosting & { readonly page?: Environment } = {}) {
  const { page, ...how } = options;
  const store = memoryStore();
  const ends: (() => void)[] = [];
  const start = () => fakeWorker(store, ends, how);
  const made = [start()];
  let wanted = 0;
  const queue = workerQueue({
    name: 'sync',
    jobs,
    use: everyFeature(),
    worker() {
      made[wanted] ??= start();
      return (made[wanted++] as FakeWorker).worker;
    },
    ...(page && { environment: page }),
  });
  onTestFinished(async () => {
    await queue.terminate();
    for (const end of ends) end();
  });
  return { queue, made, store, ends };
}
