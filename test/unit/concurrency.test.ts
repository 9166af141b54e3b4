import { count, drain, enqueueMany, job, list, memoryBacking, work } from 'holdfast';
import { expect, it } from 'vitest';
import { deaf, pass, setScene } from './scene.ts';

const jobs = {
  wide: job<string>(),
  tight: job<string>({ concurrency: 2 }),
};

/** A handler that takes 10 ms, and the most that ran at a time. */
function counted(environment: ReturnType<typeof setScene>['environment'], ms = 10) {
  const seen = { now: 0, most: 0, ran: [] as string[] };
  const handler = async (word: string) => {
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    seen.ran.push(word);
    await pass(environment, ms);
    seen.now -= 1;
  };
  return { seen, handler };
}

const many = <Name extends string>(name: Name, length: number) =>
  Array.from({ length }, (_, i) => ({ name, payload: `${name} ${i}` }));

it.each([[1], [3], [16]])(
  'a worker runs %i at a time, never more, and no fewer while jobs wait',
  async (concurrency) => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { seen, handler } = counted(environment);
    await enqueueMany(queue, many('wide', 48));
    const drained = drain(queue, { wide: handler }, { concurrency }).then(elapsed);
    await environment.advance(1_000);
    expect(seen.most).toBe(concurrency);
    expect(await drained).toBeLessThan((48 / concurrency) * 10 + 50);
  },
);

it('a worker runs four at a time unless something else is said', async () => {
  const { queue, environment } = setScene(jobs);
  const { seen, handler } = counted(environment);
  await enqueueMany(queue, many('wide', 20));
  work(queue, { wide: handler });
  await environment.advance(1_000);
  expect(seen.most).toBe(4);
});

it('the concurrency of a name bounds it in each worker', async () => {
  const { queue, environment } = setScene(jobs);
  const { seen, handler } = counted(environment);
  await enqueueMany(queue, many('tight', 20));
  work(queue, { tight: handler }, { concurrency: 8 });
  await environment.advance(1_000);
  expect(seen.most).toBe(2);
  expect(seen.ran).toHaveLength(20);
});

it('the concurrency of a name bounds what was claimed ahead as well', async () => {
  const { queue, environment } = setScene(jobs);
  const { seen, handler } = counted(environment);
  await enqueueMany(queue, many('wide', 204));
  await enqueueMany(queue, many('tight', 20));
  let done = 0;
  const wide = () => pass(environment, ++done > 200 ? 50 : 1);
  work(queue, { tight: handler, wide }, { concurrency: 4 });
  await environment.advance(1_000);
  expect(seen.ran).toHaveLength(20);
  expect(seen.most).toBe(2);
});

it('a name at its bound leaves the other slots to other names', async () => {
  const { queue, environment } = setScene(jobs);
  await enqueueMany(queue, many('tight', 10));
  await enqueueMany(queue, many('wide', 10));
  const { seen, handler } = counted(environment);
  work(queue, { tight: deaf, wide: handler }, { concurrency: 4 });
  await environment.advance(60);
  expect(seen.ran).toHaveLength(10);
  expect(seen.most).toBe(2);
});

it('a name goes on when one of its own ends, not only when the worker has nothing else to do', async () => {
  const { queue, environment } = setScene(jobs);
  const { seen, handler } = counted(environment);
  await enqueueMany(queue, many('tight', 6));
  await enqueueMany(queue, many('wide', 1));
  work(queue, { tight: handler, wide: () => pass(environment, 10_000) }, { concurrency: 4 });
  await environment.advance(100);
  expect(seen.ran).toHaveLength(6);
});

it('quick jobs are claimed in growing batches: fewer calls of the store than jobs', async () => {
  const { queue, environment, store } = setScene(jobs);
  for (let i = 0; i < 2; i++) await enqueueMany(queue, many('wide', 1_000));
  const drained = drain(queue, { wide: () => {} }, { concurrency: 1 });
  await environment.advance(5_000);
  expect(await drained).toMatchObject({ completed: 2_000 });
  expect(store.callsOf('exchange')).toBeLessThan(100);
});

it('slow jobs are not claimed ahead: others may run them', async () => {
  const { queue, environment } = setScene(jobs);
  await enqueueMany(queue, many('wide', 20));
  work(queue, { wide: () => pass(environment, 1_000) }, { concurrency: 2 });
  await environment.advance(3_500);
  expect(await count(queue)).toMatchObject({ active: 2 });
});

it('jobs that were claimed ahead of work that became slow go to a worker that is free', async () => {
  const backing = memoryBacking();
  const { queue, environment } = setScene(jobs, { backing });
  await enqueueMany(queue, many('wide', 200));
  let done = 0;
  const wide = () => pass(environment, ++done > 100 ? 600_000 : 1);
  work(queue, { wide }, { concurrency: 1 });
  await environment.advance(500);
  expect((await count(queue)).active).toBeGreaterThan(5);
  await environment.advance(1_550);
  expect(await count(queue)).toMatchObject({ active: 1 });
  const { seen, handler } = counted(environment, 1);
  work(setScene(jobs, { backing, environment }).queue, { wide: handler }, { concurrency: 4 });
  await environment.advance(1_000);
  expect(await count(queue)).toMatchObject({ pending: 0, active: 1 });
  expect(seen.ran).toHaveLength(99);
});

it('what was given back to others counts as no attempt and as no crash', async () => {
  const { queue, environment } = setScene(jobs);
  await enqueueMany(queue, many('wide', 200));
  let done = 0;
  work(queue, { wide: () => (++done > 100 ? deaf() : pass(environment, 1)) }, { concurrency: 1 });
  await environment.advance(5_000);
  const { jobs: left } = await list(queue, { state: 'pending', limit: 1_000 });
  expect(left).toHaveLength(99);
  expect(left.every(({ failures, crashes, errors }) => failures + crashes + errors.length === 0)).toBe(true);
});
