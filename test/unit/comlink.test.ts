import { count, createQueue, defineJobs, get, job, memoryStore, type Queue, work } from 'holdfast';
import { hostQueue, type WorkerQueue, workerQueue } from 'holdfast/comlink';
import { describe, expect, it, onTestFinished } from 'vitest';
import { everything } from './everything.ts';

const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }) });
type Jobs = typeof jobs;

interface Hosted {
  readonly host: Queue<Jobs>;
  readonly queue: WorkerQueue<Jobs>;
}

/** A host behind a port, and a handle on it. */
function open(): Hosted {
  const host = createQueue({ name: 'sync', jobs, store: memoryStore() });
  const { port1, port2 } = new MessageChannel();
  const stop = hostQueue(host, everything, { endpoint: port1 });
  const queue = workerQueue({ name: 'sync', jobs, worker: port2 });
  onTestFinished(async () => {
    await queue.close();
    stop();
    port1.close();
    port2.close();
  });
  return { host, queue };
}

describe('a queue in a worker', () => {
  it('takes payloads with Blobs and buffers', async () => {
    const { host, queue } = open();
    const { id } = await queue.enqueue('push', { blob: new Blob(['x']), bytes: new Uint8Array([1, 2]) });
    const { payload } = (await get(host, id)) as { readonly payload: { readonly blob: Blob } };
    expect(payload).toMatchObject({ bytes: new Uint8Array([1, 2]) });
    expect(await payload.blob.text()).toBe('x');
  });

  it('emits what happens in its host, in order, to who listens', async () => {
    const { host, queue } = open();
    const events: unknown[] = [];
    queue.on('job:enqueued', (event) => events.push(event));
    queue.on('job:completed', ({ job, result }) => events.push([job.id, result]));
    const { id } = await queue.enqueue('push', 'x');
    const worker = work(host, { push: () => 7 });
    await expect.poll(() => events, { timeout: 600_000 }).toEqual([{ id, name: 'push' }, [id, 7]]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
    await worker.stop();
  });
});
