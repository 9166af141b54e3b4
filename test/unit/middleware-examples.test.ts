import { type Definitions, gates, job, memoryBacking, memoryStore, middleware, schema, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forTenant, jobs, timed, tracedQueue, writable } from './middleware-examples.ts';
import { pass, setScene } from './scene.ts';
import { setTracing } from './tracing-scene.ts';

describe('the examples of docs/features/middleware.md', () => {
  let tracing: ReturnType<typeof setTracing>;
  beforeEach(() => {
    tracing = setTracing();
  });
  afterEach(() => tracing.clear());

  it('mark jobs with their tenant, those that handlers enqueue too, and refuse those of nobody', async () => {
    let signedIn: string | undefined = 'ada';
    const use = [middleware([forTenant(() => signedIn)])];
    const { queue, environment } = setScene({ push: job<string>() }, { use });
    await queue.enqueue('push', 'first');
    signedIn = undefined;
    await expect(queue.enqueue('push', 'x')).rejects.toThrow('"forTenant" threw: nobody is signed in');
    const tenants: unknown[] = [];
    work(queue, {
      push(payload, context) {
        tenants.push(context.job.headers?.tenant);
        if (payload === 'first') context.enqueue('push', 'second');
      },
    });
    await environment.flush();
    expect(tenants).toEqual(['ada', 'ada']);
  });

  it('tell how long attempts took', async () => {
    const lines: string[] = [];
    const environment = fakeEnvironment();
    const list = [
      timed(
        (line) => lines.push(line),
        () => environment.now(),
      ),
    ];
    const { queue } = setScene({ push: job<string>() }, { environment, use: [middleware(list)] });
    await queue.enqueue('push', 'x');
    work(queue, { push: () => pass(environment, 300) });
    await environment.advance(500);
    expect(lines).toEqual(['push, attempt 1: 300 ms']);
  });

  it('lift old mails, and gate', async () => {
    const backing = memoryBacking();
    const old = setScene({ 'mail.send': job<unknown>() }, { backing, name: 'mail' });
    const { environment } = old;
    await old.queue.enqueue('mail.send', { to: 'ada', body: 'hello' });
    const changes = new EventTarget();
    let open = false;
    const gate = writable(async () => open, changes);
    const use = [gates({ 'mail.send': gate }), schema()];
    const today = setScene(jobs as Definitions, { backing, environment, name: 'mail', use });
    const seen: unknown[] = [];
    work(today.queue, { 'mail.send': (mail) => void seen.push(mail) });
    await environment.advance(1_000);
    expect(seen).toEqual([]);
    open = true;
    changes.dispatchEvent(new Event('change'));
    await environment.flush();
    expect(seen).toEqual([{ to: ['ada'], text: 'hello' }]);
  });

  it('trace', async () => {
    await tracedQueue(memoryStore(), () => 'ada').enqueue('mail.send', { to: ['ada'], text: 'hi' });
    expect(tracing.spans().map(({ name }) => name)).toEqual(['send mail']);
  });
});
