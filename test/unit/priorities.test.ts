import { defineJobs, drain, enqueueMany, get, job, type Priority, work } from 'holdfast';
import { expect, it } from 'vitest';
import { ended, latch, pass, setScene } from './scene.ts';

const jobs = defineJobs({ say: job<string>(), sing: job<string>() });

/** Runs all that is due, one at a time, and answers the payloads in the order they ran. */
async function inOrder({ queue, environment }: ReturnType<typeof setScene<typeof jobs>>) {
  const ran: string[] = [];
  const run = (word: string) => void ran.push(word);
  const drained = drain(queue, { say: run, sing: run }, { concurrency: 1 });
  await environment.flush();
  await ended(drained);
  return ran;
}

it('one worker runs high, medium, low, though they were enqueued in the opposite order', async () => {
  const scene = setScene(jobs);
  await scene.queue.enqueue('say', 'low', { priority: 'low' });
  await scene.queue.enqueue('say', 'medium');
  await scene.queue.enqueue('say', 'high', { priority: 'high' });
  expect(await inOrder(scene)).toEqual(['high', 'medium', 'low']);
});

it('greater numbers run first, from 100 to -100', async () => {
  const scene = setScene(jobs);
  for (const priority of [0, -100, 7, 100, -1]) await scene.queue.enqueue('say', `${priority}`, { priority });
  expect(await inOrder(scene)).toEqual(['100', '7', '0', '-1', '-100']);
});

it.each([
  ['high', 10],
  ['normal', 0],
  ['low', -10],
  [undefined, 0],
] satisfies [Priority | undefined, number][])('the priority %s is %i', async (word, number) => {
  const { queue } = setScene(jobs);
  const { id } = await queue.enqueue('say', 'x', word === undefined ? {} : { priority: word });
  expect(await get(queue, id)).toMatchObject({ priority: number });
});

it('jobs of one priority run in the order in which they were enqueued', async () => {
  const scene = setScene(jobs);
  const words = Array.from({ length: 50 }, (_, i) => `word ${i}`);
  await Promise.all(words.map((word) => scene.queue.enqueue('say', word)));
  expect(await inOrder(scene)).toEqual(words);
});

it('the order of one priority goes across job names', async () => {
  const scene = setScene(jobs);
  await scene.queue.enqueue('say', '1');
  await scene.queue.enqueue('sing', '2');
  await scene.queue.enqueue('say', '3');
  await scene.queue.enqueue('sing', '4');
  expect(await inOrder(scene)).toEqual(['1', '2', '3', '4']);
});

it('a batch keeps its order, and its priorities', async () => {
  const scene = setScene(jobs);
  await enqueueMany(scene.queue, [
    { name: 'say', payload: 'b1' },
    { name: 'sing', payload: 'b2' },
    { name: 'say', payload: 'first', priority: 1 },
    { name: 'say', payload: 'b3' },
  ]);
  expect(await inOrder(scene)).toEqual(['first', 'b1', 'b2', 'b3']);
});

it('a high job that comes while others wait is the next to run', async () => {
  const { queue, environment } = setScene(jobs);
  for (const word of ['1', '2', '3']) await queue.enqueue('say', word);
  const ran: string[] = [];
  const gate = latch();
  work(
    queue,
    {
      say: async (word) => {
        ran.push(word);
        if (word === '1') await gate.promise;
      },
    },
    { concurrency: 1 },
  );
  await environment.flush();
  await queue.enqueue('say', 'urgent', { priority: 'high' });
  gate.open();
  await environment.flush();
  expect(ran).toEqual(['1', 'urgent', '2', '3']);
});

/** How many quick jobs still begin before a high one that is enqueued after so many ms of working. */
async function overtakenLate(afterMs: number): Promise<number> {
  const { queue, environment } = setScene(jobs);
  await enqueueMany(
    queue,
    Array.from({ length: 200 }, (_, i) => ({ name: 'say', payload: `${i}` })),
  );
  const ran: string[] = [];
  work(queue, { say: (word) => pass(environment, ran.push(word) && 1) }, { concurrency: 1 });
  await environment.advance(afterMs);
  const before = ran.length;
  await queue.enqueue('say', 'urgent', { priority: 'high' });
  await environment.advance(40);
  return ran.indexOf('urgent') - before;
}

it('a high job overtakes quick ones that were claimed ahead, as soon as the worker claims again', async () => {
  const late: number[] = [];
  for (let ms = 100; ms < 120; ms++) late.push(await overtakenLate(ms));
  expect(Math.max(...late)).toBeLessThan(20);
  expect(late.filter((jobs) => jobs === 0).length).toBeGreaterThan(5);
});

it('a high job overtakes those that were claimed ahead of work that became slow', async () => {
  const { queue, environment } = setScene(jobs);
  await enqueueMany(
    queue,
    Array.from({ length: 300 }, (_, i) => ({ name: 'say', payload: `${i}` })),
  );
  const ran: string[] = [];
  work(queue, { say: (word) => pass(environment, ran.push(word) > 200 ? 1_000 : 1) }, { concurrency: 1 });
  await environment.advance(400);
  const before = ran.length;
  await queue.enqueue('say', 'urgent', { priority: 'high' });
  await environment.advance(4_000);
  expect(ran.indexOf('urgent') - before).toBeLessThanOrEqual(2);
});

it('a job that is due overtakes one of a higher priority that is not', async () => {
  const scene = setScene(jobs);
  await scene.queue.enqueue('say', 'later', { priority: 'high', delayMs: 10 });
  await scene.queue.enqueue('say', 'now', { priority: 'low' });
  expect(await inOrder(scene)).toEqual(['now']);
});

it('a delayed job takes its place by when it became due, not by when it was enqueued', async () => {
  const scene = setScene(jobs);
  await scene.queue.enqueue('say', 'due at 100', { delayMs: 100 });
  await scene.environment.advance(50);
  await scene.queue.enqueue('say', 'at 50');
  await scene.environment.advance(100);
  await scene.queue.enqueue('say', 'at 150');
  expect(await inOrder(scene)).toEqual(['at 50', 'due at 100', 'at 150']);
});

it('jobs that a stopped worker had not begun keep their places', async () => {
  const scene = setScene(jobs);
  const { queue, environment } = scene;
  const words = Array.from({ length: 100 }, (_, i) => `${i}`);
  await enqueueMany(
    queue,
    words.map((payload) => ({ name: 'say', payload })),
  );
  const ran: string[] = [];
  const worker = work(queue, { say: (word) => pass(environment, 1).then(() => ran.push(word)) });
  await environment.advance(10);
  expect(ran.length).toBeGreaterThan(8);
  expect(ran.length).toBeLessThan(90);
  const stopped = worker.stop();
  await environment.advance(100);
  await ended(stopped);
  expect([...ran, ...(await inOrder(scene))]).toEqual(words);
});
