import { count, defineJobs, gates, get, job, list, work } from 'holdfast';
import { expect, it } from 'vitest';
import { latch, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>({ maxAgeMs: 10_000 }), mail: job<string>() });

it('a job that nobody ran in time is dead, told by whatever worker is there', async () => {
  const { queue, environment } = setScene(jobs);
  const dead: string[] = [];
  queue.on('job:dead', ({ job: { name }, error }) => dead.push(`${name}: ${error.name}`));
  await queue.enqueue('push', 'a');
  work(queue, { mail: () => {} });
  await environment.advance(9_999);
  expect(dead).toEqual([]);
  await environment.advance(1);
  expect(dead).toEqual(['push: ExpiredError']);
  expect(await count(queue)).toMatchObject({ pending: 0, dead: 1 });
});

it('a job behind a closed gate is dead within a lease of its age', async () => {
  const gate = { isOpen: () => false, subscribe: () => () => {} };
  const gated = defineJobs({ push: job<string>({ maxAgeMs: 10_000 }) });
  const { queue, environment } = setScene(gated, { use: [gates({ push: gate })] });
  const dead: string[] = [];
  queue.on('job:dead', ({ error }) => dead.push(error.name));
  await queue.enqueue('push', 'a');
  work(queue, { push: () => {} }, { leaseMs: 5_000 });
  await environment.advance(50_000);
  expect(dead).toEqual(['ExpiredError']);
});

it('an enqueue has an age of its own, or that of its definition', async () => {
  const { queue, environment } = setScene(jobs);
  const at = environment.now();
  const { id: own } = await queue.enqueue('push', 'a', { maxAgeMs: 500 });
  const { id: defined } = await queue.enqueue('push', 'b');
  const { id: none } = await queue.enqueue('mail', 'c');
  expect((await get(queue, own))?.expiresAt).toBe(at + 500);
  expect((await get(queue, defined))?.expiresAt).toBe(at + 10_000);
  expect(await get(queue, none)).not.toHaveProperty('expiresAt');
});

it('an attempt that began in time goes on, and its retry comes only within the age', async () => {
  const { queue, environment } = setScene(jobs);
  const ends = [latch(), latch()];
  let attempts = 0;
  work(queue, { push: () => ends[attempts++]?.promise ?? Promise.resolve() });
  await queue.enqueue('push', 'a', { backoff: { kind: 'fixed', initialMs: 1_000 } });
  await environment.advance(5_000);
  ends[0]?.fail(new Error('no'));
  await environment.advance(4_000);
  expect(attempts).toBe(2);
  await environment.advance(60_000);
  expect(await count(queue)).toMatchObject({ active: 1, dead: 0 });
  ends[1]?.fail(new Error('no'));
  await environment.advance(2_000);
  expect(attempts).toBe(2);
  const { jobs: dead } = await list(queue, { state: 'dead' });
  expect(dead[0]?.errors.map(({ name }) => name)).toEqual(['Error', 'Error', 'ExpiredError']);
});

it('what a handler enqueues has its age too', async () => {
  const { queue, environment } = setScene(jobs);
  work(queue, { mail: (_, context) => void context.enqueue('push', 'b') });
  await queue.enqueue('mail', 'a');
  await environment.advance(10_100);
  expect(await count(queue)).toMatchObject({ completed: 1, pending: 0, dead: 1 });
});
