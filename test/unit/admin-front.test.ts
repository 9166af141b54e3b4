import {
  createQueue,
  defineJobs,
  edit,
  get,
  job,
  list,
  listSchedules,
  memoryStore,
  redrive,
  remove,
  schedules,
} from 'holdfast';
import { type AdminAction, type AdminFrontOptions, adminFront, httpQueue } from 'holdfast/edge';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { served } from '../../src/core/operations/served.ts';

const jobs = defineJobs({ push: job<unknown>() });

/** A queue with a job, its front, and a handle on it that brings this token. */
function open(token: string | undefined, more: Partial<AdminFrontOptions> = {}) {
  const environment = fakeEnvironment();
  const host = createQueue({ name: 'sync', jobs, store: memoryStore(), environment, use: [schedules()] });
  const done: Omit<AdminAction, 'request'>[] = [];
  const asked: string[] = [];
  const front = adminFront(host, {
    authorize(request, operation) {
      asked.push(operation);
      return request.headers.get('authorization') === 'Bearer right' && 'ann';
    },
    actions: { edit, redrive },
    onAction: ({ request: _, ...action }) => void done.push(action),
    onError: () => {},
    ...more,
  });
  const fetch = (url: string, init: RequestInit) => {
    const request = new Request(url, init);
    if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
    return front(request);
  };
  const queue = httpQueue('https://queue.example/admin', { jobs, fetch, environment });
  return { host, queue, done, asked, fetch };
}

describe('an admin front', () => {
  it('serves what the inspector reads, and the actions that are named, and says which', async () => {
    const { host, queue, done } = open('right');
    await host.enqueue('push', { n: 1 }, { id: 'x' });
    expect((await list(queue, { state: 'pending' })).jobs).toMatchObject([{ id: 'x', payload: { n: 1 } }]);
    expect(await edit(queue, 'x', { priority: 5 })).toBe('edited');
    expect(await get(host, 'x')).toMatchObject({ priority: 5 });
    expect(await listSchedules(queue)).toEqual([]);
    expect(await served(queue)).toEqual(
      expect.arrayContaining([
        'count',
        'stats',
        'workers',
        'list',
        'get',
        'explain',
        'listSchedules',
        'edit',
      ]),
    );
    await expect(remove(queue, 'x')).rejects.toMatchObject({ code: 'InvalidOption' });
    await expect(queue.enqueue('push', 1)).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(done).toEqual([{ operation: 'edit', args: { ids: ['x'], priority: 5 }, identity: 'ann' }]);
  });

  it('lets nobody read or do anything whom authorize does not permit', async () => {
    for (const token of [undefined, 'wrong']) {
      const { host, queue, done, asked } = open(token);
      await host.enqueue('push', 1, { id: 'x' });
      await expect(list(queue, { state: 'pending' })).rejects.toMatchObject({ code: 'NotPermitted' });
      await expect(edit(queue, 'x', { priority: 5 })).rejects.toMatchObject({ code: 'NotPermitted' });
      await expect(served(queue)).rejects.toMatchObject({ code: 'NotPermitted' });
      expect(await get(host, 'x')).toMatchObject({ priority: 0 });
      expect(done).toEqual([]);
      expect(asked).toEqual(['list', 'edit', 'operations']);
    }
  });

  it('does nothing that could not be logged', async () => {
    const { host, queue, fetch } = open('right', {
      onAction: () => Promise.reject(new Error('the log is full')),
    });
    await host.enqueue('push', 1, { id: 'x' });
    const body = JSON.stringify({ v: 1, call: 'edit', args: { ids: ['x'], priority: 5 } });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch('https://queue.example/admin', { method: 'POST', headers, body })).status).toBe(500);
    expect(await get(host, 'x')).toMatchObject({ priority: 0 });
    expect((await list(queue, { state: 'pending' })).jobs).toHaveLength(1);
  });

  it('shows what redact leaves', async () => {
    const { host, queue } = open('right', { redact: ({ id, name, state }) => ({ id, name, state }) });
    await host.enqueue('push', { secret: 1 }, { id: 'x' });
    expect(await get(queue, 'x')).toEqual({ id: 'x', name: 'push', state: 'pending' });
  });

  it.each([
    [{ authorize: undefined }, 'authorize is undefined: expected a function: there is no default'],
    [
      { actions: undefined },
      'actions is undefined: expected functions such as { redrive }: there is no default',
    ],
    [{ onAction: 'log' }, 'onAction is "log": expected a function: there is no default'],
    [{ action: {} }, 'adminFront options is "action"'],
  ])('%j is refused: %s', (more, message) => {
    expect(() => open('right', more as never)).toThrow(message);
  });
});
