import { count, DeadLetterError, drain, get, job, list, redrive, redriveMany, remove, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, setScene } from './scene.ts';

const jobs = { push: job<string>({ maxAttempts: 1 }) };

/** A queue whose jobs died in this order. */
async function withDead(...words: string[]) {
  const scene = setScene(jobs);
  for (const word of words) {
    await scene.queue.enqueue('push', word, { id: word });
    const drained = drain(scene.queue, { push: () => Promise.reject(new Error(`${word} is wrong`)) });
    await scene.environment.advance(1_000);
    await ended(drained);
  }
  return scene;
}

it('a dead job keeps its payload, its errors and when it died, and is never run again by itself', async () => {
  const { queue, environment } = await withDead('x');
  let runs = 0;
  work(queue, { push: () => void runs++ });
  await environment.advance(3_600_000);
  expect(runs).toBe(0);
  expect(await get(queue, 'x')).toMatchObject({
    state: 'dead',
    payload: 'x',
    failures: 1,
    finishedAt: environment.now() - 3_601_000,
    errors: [{ name: 'Error', message: 'x is wrong' }],
  });
});

it('dead jobs are listed in the order in which they died, page by page', async () => {
  const { queue } = await withDead('c', 'a', 'b');
  const first = await list(queue, { state: 'dead', limit: 2 });
  expect(first.jobs.map(({ id }) => id)).toEqual(['c', 'a']);
  const second = await list(queue, { state: 'dead', limit: 2, cursor: first.cursor! });
  expect(second.jobs.map(({ id }) => id)).toEqual(['b']);
  expect(second.cursor).toBeUndefined();
});

it('a dead job holds up no other, not even in its lane', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', 'bad', { lane: 'doc' });
  await queue.enqueue('push', 'good', { lane: 'doc' });
  const ran: string[] = [];
  work(queue, {
    push: (word) => {
      ran.push(word);
      if (word === 'bad') throw new DeadLetterError('never');
    },
  });
  await environment.flush();
  expect(ran).toEqual(['bad', 'good']);
  expect(await count(queue)).toMatchObject({ dead: 1, completed: 1 });
});

describe('a redrive', () => {
  it('runs the dead job again at once, with all its attempts', async () => {
    const { queue, environment } = await withDead('x');
    const attempts: number[] = [];
    work(queue, { push: (_, { attempt }) => void attempts.push(attempt) });
    await environment.advance(10_000);
    expect(await redrive(queue, 'x')).toBe('redriven');
    await environment.flush();
    expect(attempts).toEqual([1]);
    expect(await count(queue)).toMatchObject({ dead: 0, completed: 1 });
  });

  it.each([
    ['waiting', 'not-dead'],
    ['nobody', 'unknown'],
  ])('of the job %s answers %s', async (id, answer) => {
    const { queue } = setScene(jobs);
    await queue.enqueue('push', 'x', { id: 'waiting' });
    expect(await redrive(queue, id)).toBe(answer);
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('onto a key that a live job holds answers duplicate, and the job stays dead', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x', { id: 'old', idempotencyKey: 'k' });
    const drained = drain(queue, { push: () => Promise.reject(new Error('no')) });
    await environment.flush();
    await ended(drained);
    await queue.enqueue('push', 'y', { id: 'new', idempotencyKey: 'k' });
    expect(await redrive(queue, 'old')).toBe('duplicate');
    expect(await get(queue, 'old')).toMatchObject({ state: 'dead' });
  });
});

describe('a remove', () => {
  it('deletes a dead job', async () => {
    const { queue } = await withDead('x');
    expect(await remove(queue, 'x')).toBe('removed');
    expect(await get(queue, 'x')).toBeUndefined();
    expect(await count(queue)).toMatchObject({ dead: 0 });
  });

  it('leaves a live job alone', async () => {
    const { queue } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    expect(await remove(queue, id)).toBe('live');
    expect(await remove(queue, 'nobody')).toBe('unknown');
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });
});

it('a redrive never overwrites a newer edit, as long as edits of one thing share their key', async () => {
  const { queue, environment } = setScene(jobs);
  const saved: string[] = [];
  let isUp = false;
  work(queue, {
    push: (text) => {
      if (!isUp) throw new Error('422');
      saved.push(text);
    },
  });
  const save = (text: string) =>
    queue.enqueue('push', text, { idempotencyKey: 'note 1', onDuplicate: 'replace' });
  const { id } = await save('old');
  await environment.advance(0);
  isUp = true;
  await save('new');
  await environment.advance(0);
  expect(await redrive(queue, id)).toBe('duplicate');
  const many = redriveMany(queue);
  await environment.advance(0);
  expect(await many).toMatchObject({ redriven: 0, duplicate: 1 });
  expect(saved).toEqual(['new']);
  expect(await redrive(queue, id, { payload: 'newest' })).toBe('redriven');
  await environment.advance(0);
  expect(saved).toEqual(['new', 'newest']);
});
