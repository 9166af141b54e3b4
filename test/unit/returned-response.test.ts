import { count, defineJobs, get, job, middleware, work } from 'holdfast';
import { runJob } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>() });

describe('a handler that returns a response', () => {
  it.each([200, 201, 204, 299])('has done its work when that is a success: %i', async (status) => {
    const response = new Response(null, { status });
    expect(await runJob(() => response, 'x')).toMatchObject({ outcome: 'completed', result: response });
  });

  it.each([302, 400, 401, 404, 429, 500, 503])('has failed when it is none: %i', async (status) => {
    const run = await runJob(async () => new Response(null, { status }), 'x');
    expect(run).toMatchObject({
      outcome: 'retried',
      error: { name: 'ServerError', message: `the handler returned a response of status ${status}` },
      job: { state: 'pending' },
    });
  });

  it('is not asked for what nobody can know: an opaque one', async () => {
    const opaque = Object.defineProperty(Response.error(), 'type', { value: 'opaque' });
    expect(opaque.ok).toBe(false);
    expect(await runJob(() => opaque, 'x')).toMatchObject({ outcome: 'completed' });
  });

  it('has failed for middleware, too', async () => {
    const heard: unknown[] = [];
    const traces = middleware([
      {
        name: 'traces',
        run: (_, next) =>
          next().catch((error) => {
            heard.push(error);
            throw error;
          }),
      },
    ]);
    const { queue, environment } = setScene(jobs, { use: [traces] });
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: () => new Response(null, { status: 500 }) });
    await environment.flush();
    expect(heard).toMatchObject([{ code: 'Server', status: 500 }]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending' });
    expect(await count(queue)).toMatchObject({ completed: 0 });
  });

  it('may return anything else that says it is not ok', async () => {
    expect(await runJob(() => ({ ok: false, status: 500 }), 'x')).toMatchObject({ outcome: 'completed' });
  });
});
