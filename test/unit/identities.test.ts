import {
  count,
  createQueue,
  defineJobs,
  expose,
  get,
  job,
  memoryStore,
  pulling,
  remoteQueue,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';

const jobs = defineJobs({ push: job<number>() });

function hosted() {
  const environment = fakeEnvironment();
  const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), environment });
  const serve = expose<string>(queue, { count, get, ...pulling }, { authorize: (from) => from });
  const far = (from: string) =>
    remoteQueue({ name: 'sync', jobs, environment, send: (message: unknown) => serve(message, from) });
  return { queue, environment, serve, far };
}

describe('callers that are told apart', () => {
  it('are no one worker, however their names and those of their workers run together', async () => {
    const { queue, serve } = hosted();
    for (const id of ['a', 'b']) await queue.enqueue('push', 1, { id });
    const claim = { names: { push: { version: 1, slots: 1 } }, limit: 1, leaseMs: 30_000, idle: true };
    const exchange = (workerId: string) => ({
      v: 1,
      call: 'exchange',
      args: { workerId, settle: [], claim },
    });
    await serve(exchange('w1'), 'ann lee');
    await serve(exchange('lee w1'), 'ann');
    const owners = await Promise.all(['a', 'b'].map(async (id) => (await get(queue, id))?.lease?.workerId));
    expect(new Set(owners).size).toBe(2);
    expect(owners).not.toContain(undefined);
  });
});

describe('a queue elsewhere that is closed', () => {
  it('rejects what it is asked, as one here does', async () => {
    const { far } = hosted();
    const queue = far('ann');
    expect(await count(queue)).toMatchObject({ pending: 0 });
    const worker = work(queue, { push: () => undefined });
    await worker.stop();
    await queue.close();
    await expect(count(queue)).rejects.toMatchObject({ code: 'StoreClosed' });
  });
});
