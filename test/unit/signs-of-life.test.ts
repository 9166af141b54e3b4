import { count, drain, job, work } from 'holdfast';
import { expect, it } from 'vitest';
import { ended, setScene } from './scene.ts';

const jobs = { push: job<string>() };

it('a sign of life that the store fails is told, and the worker works', async () => {
  const { queue, environment, store } = setScene(jobs);
  const told: unknown[] = [];
  queue.on('worker:error', ({ error }) => told.push(error));
  store.signOfLife = () => Promise.reject(new Error('no locks'));
  await queue.enqueue('push', 'x');
  const drained = drain(queue, { push: () => {} });
  await environment.flush();
  expect(await ended(drained)).toMatchObject({ completed: 1 });
  expect(told).toMatchObject([{ message: 'no locks' }]);
});

it('a sign of life is given before anything is claimed, and ends with the worker', async () => {
  const { queue, environment, store } = setScene(jobs);
  await queue.enqueue('push', 'x');
  const signs: string[] = [];
  let grant: (letGo: () => void) => void = () => {};
  store.signOfLife = (id) => {
    signs.push(`asked ${id}`);
    return new Promise((resolve) => {
      grant = resolve;
    });
  };
  const worker = work(queue, { push: () => {} });
  await environment.flush();
  expect(signs).toEqual([`asked ${worker.id}`]);
  expect(store.callsOf('exchange')).toBe(0);
  grant(() => signs.push('let go'));
  await environment.flush();
  expect(await count(queue)).toMatchObject({ completed: 1 });
  const stopped = worker.stop();
  await environment.flush();
  await ended(stopped);
  expect(signs).toEqual([`asked ${worker.id}`, 'let go']);
});
