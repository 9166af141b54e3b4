import { defineJobs, get, job, work } from 'holdfast';
import { expect, it } from 'vitest';
import { setScene } from './scene.ts';

const DAY_MS = 86_400_000;

/** A working queue, and when each payload ran, in ms since its start. */
function working() {
  const scene = setScene(defineJobs({ say: job<string>() }));
  const ranAt: Record<string, number> = {};
  work(scene.queue, {
    say: (word) => {
      ranAt[word] = scene.elapsed();
    },
  });
  return { ...scene, ranAt };
}

it('a delayed job is not started one ms early', async () => {
  const { queue, environment, ranAt } = working();
  await queue.enqueue('say', 'x', { delayMs: 1_000 });
  await environment.advance(999);
  expect(ranAt).toEqual({});
  await environment.advance(1);
  expect(ranAt).toEqual({ x: 1_000 });
});

it('the delay counts from the enqueue', async () => {
  const { queue, environment, ranAt } = working();
  await environment.advance(300);
  await queue.enqueue('say', 'x', { delayMs: 1_000 });
  await environment.advance(2_000);
  expect(ranAt).toEqual({ x: 1_300 });
});

it.each([
  ['a Date', (at: number) => new Date(at)],
  ['epoch ms', (at: number) => at],
])('runAt is %s, and the job starts at that instant', async (_, toRunAt) => {
  const { queue, environment, ranAt } = working();
  const { id } = await queue.enqueue('say', 'x', { runAt: toRunAt(environment.now() + 5_000) });
  expect(await get(queue, id)).toMatchObject({ state: 'pending', runAt: environment.now() + 5_000 });
  await environment.advance(60_000);
  expect(ranAt).toEqual({ x: 5_000 });
});

it.each([
  ['a runAt that is past', { runAt: 5 }],
  ['a runAt before 1970', { runAt: -5 }],
  ['a delay of 0', { delayMs: 0 }],
])('%s means at once', async (_, options) => {
  const { queue, environment, ranAt } = working();
  await queue.enqueue('say', 'x', options);
  await environment.flush();
  expect(ranAt).toEqual({ x: 0 });
});

it('a part of a ms is waited for as a whole one', async () => {
  const { queue, environment, ranAt } = working();
  await queue.enqueue('say', 'x', { delayMs: 0.2 });
  await queue.enqueue('say', 'y', { runAt: environment.now() + 1.2 });
  await environment.advance(10);
  expect(ranAt).toEqual({ x: 1, y: 2 });
});

it('a job that waits holds up no other', async () => {
  const { queue, environment, ranAt } = working();
  await queue.enqueue('say', 'later', { delayMs: 500 });
  await queue.enqueue('say', 'now');
  await environment.advance(400);
  await queue.enqueue('say', 'meanwhile');
  await environment.advance(200);
  expect(ranAt).toEqual({ now: 0, meanwhile: 400, later: 500 });
});

it('a job enqueued for an earlier instant than the worker sleeps until is on time', async () => {
  const { queue, environment, ranAt } = working();
  await queue.enqueue('say', 'second', { delayMs: 20_000 });
  await environment.advance(1_000);
  await queue.enqueue('say', 'first', { delayMs: 2_000 });
  await environment.advance(60_000);
  expect(ranAt).toEqual({ first: 3_000, second: 20_000 });
});

it('a job in 40 days starts in 40 days', async () => {
  const { queue, environment, ranAt } = working();
  await queue.enqueue('say', 'x', { delayMs: 40 * DAY_MS });
  environment.jump(40 * DAY_MS - 10_000);
  await environment.advance(9_999);
  expect(ranAt).toEqual({});
  await environment.advance(30_000);
  expect(ranAt.x).toBeGreaterThanOrEqual(40 * DAY_MS);
});
