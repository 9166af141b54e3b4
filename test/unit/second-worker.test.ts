import { count, defineJobs, drain, job, memoryBacking, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>(), mail: job<string>() });
const handlers = { push: () => {} };
const REFUSAL = 'handlers is "push": expected one without a worker here';

describe('a second worker for a name', () => {
  it('of one queue handle is refused while the first works, and nothing is begun', async () => {
    const { queue, environment } = setScene(jobs);
    const worker = work(queue, handlers);
    expect(() => work(queue, { mail: () => {}, ...handlers })).toThrow(REFUSAL);
    await queue.enqueue('mail', 'x');
    await environment.advance(60_000);
    expect(await count(queue)).toMatchObject({ pending: 1, completed: 0 });
    await worker.stop();
  });

  it('is welcome as soon as the first is to stop', async () => {
    const { queue, environment } = setScene(jobs);
    const stopped = work(queue, handlers).stop();
    work(queue, handlers);
    await queue.enqueue('push', 'x');
    await environment.flush();
    await stopped;
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('is welcome for other names, beside a drain, and in another handle', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    work(queue, handlers);
    work(queue, { mail: () => {} });
    work(setScene(jobs, { backing, environment }).queue, handlers);
    const drained = drain(queue, handlers);
    await environment.flush();
    expect(await drained).toMatchObject({ completed: 0 });
  });
});
