import { count, get, job, prepare, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { joinable, lostConnection, setScene } from './scene.ts';

const jobs = { push: job<{ text: string }>() };

function joining() {
  const scene = setScene(jobs);
  return { ...scene, joined: joinable(scene.store) };
}

describe('a prepared job', () => {
  it('is not stored before it is added to a transaction', async () => {
    const { queue, store } = joining();
    await prepare(queue, 'push', { text: 'x' });
    expect(store.callsOf('enqueue')).toBe(0);
  });

  it('is enqueued in the transaction it is added to, under an id that is known at once', async () => {
    const { queue, joined } = joining();
    const transaction = {};
    const prepared = await prepare(queue, 'push', { text: 'x' }, { priority: 'high' });
    const { id, committed } = prepared.addTo(transaction);
    expect(joined).toEqual([transaction]);
    expect(await committed).toEqual({ id, status: 'enqueued' });
    expect(await get(queue, id)).toMatchObject({ payload: { text: 'x' }, priority: 10 });
  });

  it('is checked when it is prepared', async () => {
    const { queue } = joining();
    await expect(prepare(queue, 'push', { text: 'x' }, { delayMs: -1 })).rejects.toThrow('delayMs is -1');
    await expect(prepare(queue, 'pull' as 'push', { text: 'x' })).rejects.toThrow(
      'job "pull" is not defined',
    );
  });

  it('is as it was when it was prepared', async () => {
    const { queue } = joining();
    const note = { text: 'then' };
    const prepared = await prepare(queue, 'push', note);
    note.text = 'now';
    const { id, committed } = prepared.addTo({});
    await committed;
    expect(await get(queue, id)).toMatchObject({ payload: { text: 'then' } });
  });

  it('wakes the workers once it is committed, and is told', async () => {
    const { queue, environment } = joining();
    const told: string[] = [];
    queue.on('job:enqueued', ({ id }) => told.push(id));
    const ran: string[] = [];
    work(queue, { push: ({ text }) => void ran.push(text) });
    await environment.advance(1_000);
    const { id } = (await prepare(queue, 'push', { text: 'x' })).addTo({});
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(told).toEqual([id]);
  });

  it('is not enqueued when its transaction is aborted, and who does not ask is not troubled', async () => {
    const { queue, store, environment } = joining();
    const prepared = await prepare(queue, 'push', { text: 'x' });
    const aborted = lostConnection();
    store.failNext('enqueue', aborted);
    prepared.addTo({});
    await environment.flush();
    store.failNext('enqueue', aborted);
    await expect(prepared.addTo({}).committed).rejects.toBe(aborted);
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('that is added again after an aborted transaction is enqueued', async () => {
    const { queue, store } = joining();
    const prepared = await prepare(queue, 'push', { text: 'x' });
    store.failNext('enqueue', lostConnection());
    await expect(prepared.addTo({}).committed).rejects.toThrow();
    const { committed } = prepared.addTo({});
    expect(await committed).toMatchObject({ status: 'enqueued' });
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('that is added twice is one job', async () => {
    const { queue } = joining();
    const prepared = await prepare(queue, 'push', { text: 'x' });
    await prepared.addTo({}).committed;
    expect(await prepared.addTo({}).committed).toMatchObject({ status: 'duplicate' });
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('is refused where the store cannot join a transaction', async () => {
    const { queue } = setScene(jobs);
    await expect(prepare(queue, 'push', { text: 'x' })).rejects.toThrow(
      'store is an object: expected one that can join a transaction',
    );
  });

  it('cannot be added once its queue is closed', async () => {
    const { queue } = joining();
    const prepared = await prepare(queue, 'push', { text: 'x' });
    await queue.close();
    expect(() => prepared.addTo({})).toThrow('is closed');
  });
});
