import { proxy, type Remote, wrap } from 'comlink';
import {
  count,
  type Environment,
  type EventName,
  enqueueMany,
  get,
  result,
  systemEnvironment,
  work,
} from 'holdfast';
import { hostQueue, workerQueue } from 'holdfast/comlink';
import { describe, expect, it } from 'vitest';
import { hosted, jobs, PATIENT } from './hosted.ts';

/** What a page asks for, as this package's pages do. */
interface Face {
  hello(guest: object, push: (batch: Batch) => void): Promise<object>;
  want(wanted: { readonly hints: boolean; readonly events: readonly string[] }): Promise<undefined>;
}

interface Batch {
  readonly hints: readonly string[];
  readonly events: readonly (readonly [string, unknown])[];
}

/** Who waits for long waits for ever. */
const impatient: Environment = {
  ...systemEnvironment,
  setTimer: (callback, ms) => systemEnvironment.setTimer(callback, ms < 10_000 ? ms : 1e12),
};

describe('a queue in a worker', () => {
  it('takes payloads with Blobs and buffers', async () => {
    const { queue, made } = hosted();
    const { id } = await queue.enqueue('push', { blob: new Blob(['x']), bytes: new Uint8Array([1, 2]) });
    const { payload } = (await get(made[0]!.host, id)) as { readonly payload: { readonly blob: Blob } };
    expect(payload).toMatchObject({ bytes: new Uint8Array([1, 2]) });
    expect(await payload.blob.text()).toBe('x');
  });

  it('emits what happens in its host, in order and once, to who listens', async () => {
    const { queue, made } = hosted();
    const events: unknown[] = [];
    queue.on('job:enqueued', (event) => events.push(event));
    queue.on('job:completed', ({ job, result }) => events.push([job.id, result]));
    const { id } = await queue.enqueue('push', 'x');
    const worker = work(made[0]!.host, { push: () => 7 });
    await expect.poll(() => events, PATIENT).toEqual([{ id, name: 'push' }, [id, 7]]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
    await worker.stop();
  });

  it('is asked for the events that somebody listens to, and for no others', async () => {
    const asked: unknown[] = [];
    const { queue } = hosted({
      authorize: (_, operation, args) => {
        if (operation === 'on') asked.push((args as { readonly events: readonly EventName[] }).events);
        return true;
      },
    });
    const ends = (['job:dead', 'job:dead', 'job:log'] as const).map((name) =>
      queue.on(name, () => undefined),
    );
    await expect.poll(() => asked, PATIENT).toEqual([['job:dead', 'job:log']]);
    ends[0]?.();
    ends[2]?.();
    await expect.poll(() => asked, PATIENT).toEqual([['job:dead', 'job:log'], ['job:dead']]);
    ends[1]?.();
    await expect.poll(() => asked, PATIENT).toEqual([['job:dead', 'job:log'], ['job:dead'], []]);
  });

  it('leaves out of an event what cannot be cloned', async () => {
    const { queue, made } = hosted();
    const heard = new Promise((resolve) => queue.on('job:completed', resolve));
    await queue.enqueue('push', 'x', { id: 'one' });
    const worker = work(made[0]!.host, { push: () => () => 'a function' });
    expect(await heard).toMatchObject({ job: { id: 'one' } });
    expect(await heard).not.toHaveProperty('result');
    await worker.stop();
  });

  it('goes on to say what happens to a page that refused it, again and again', async () => {
    const { made } = hosted();
    const { port1, port2 } = new MessageChannel();
    made[0]!.worker.postMessage({ holdfast: 'connect', queue: 'sync', port: port2 }, [port2]);
    const face: Remote<Face> = wrap<Face>(port1);
    let refused = 0;
    const taken: Batch[] = [];
    const push = (batch: Batch) => {
      if (refused < 4) {
        refused += 1;
        throw new Error('busy');
      }
      taken.push(batch);
    };
    await face.hello({}, proxy(push));
    await face.want({ hints: true, events: ['job:enqueued'] });
    await made[0]!.host.enqueue('push', 'x');
    await expect.poll(() => refused, PATIENT).toBe(4);
    const { id } = await made[0]!.host.enqueue('push', 'x');
    await expect.poll(() => taken, PATIENT).toMatchObject([{ events: [['job:enqueued', { id }]] }]);
    expect(taken[0]!.hints).toContain('work');
    port1.close();
  });

  it('wakes who works in the page when a job in the worker lets another go, however long it would wait', async () => {
    const { queue, made } = hosted({ page: impatient });
    const ran: unknown[] = [];
    const worker = work(queue, { other: (payload) => void ran.push(payload) });
    await queue.enqueue('push', 'first', { lane: 'a' });
    await queue.enqueue('other', 'second', { lane: 'a' });
    const host = work(made[0]!.host, { push: () => undefined });
    await expect.poll(() => ran, PATIENT).toEqual(['second']);
    await Promise.all([host.stop(), worker.stop()]);
  });

  it('ends a wait by its signal', async () => {
    const { queue } = hosted();
    const { id } = await queue.enqueue('push', 'x');
    const end = new AbortController();
    const waiting = result(queue, id, { signal: end.signal });
    end.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    const items = [{ name: 'push' as const, payload: 'x' }];
    await expect(enqueueMany(queue, items, { signal: end.signal })).rejects.toBe('enough');
  });

  it('is served in a worker, or over a port: elsewhere it says so', () => {
    const { made } = hosted();
    expect(() => hostQueue(made[0]!.host, {})).toThrow('endpoint is undefined: expected a MessagePort');
    expect(() => workerQueue({ name: 'sync', jobs, worker: 'x' as never })).toThrow(
      'worker is "x": expected a function that makes a worker',
    );
  });
});

describe('who may ask a queue in a worker', () => {
  it('says authorize, of calls and of events', async () => {
    const { queue } = hosted({ authorize: (_, operation) => operation === 'enqueue' });
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    await queue.enqueue('push', 'x');
    await expect(count(queue)).rejects.toMatchObject({ code: 'NotPermitted' });
    await expect.poll(() => errors, PATIENT).toMatchObject([{ code: 'NotPermitted' }]);
  });

  it('sees of jobs and of their events what redact leaves', async () => {
    const { queue, made } = hosted({ redact: ({ payload: _, result: __, ...job }) => job });
    const heard = new Promise((resolve) => queue.on('job:completed', resolve));
    const { id } = await queue.enqueue('push', 'secret', { keepResultMs: 60_000 });
    expect(await get(queue, id)).not.toHaveProperty('payload');
    const worker = work(made[0]!.host, { push: () => 'secret' });
    expect(await heard).toMatchObject({ job: { id } });
    expect(JSON.stringify(await heard)).not.toContain('secret');
    await worker.stop();
  });

  it.each<[string, object]>([
    ['the constructor of a function', { type: 'APPLY', path: ['ask', 'constructor'] }],
    ['a function that it makes', { type: 'CONSTRUCT', path: ['ask', 'constructor'] }],
    ['what is no method', { type: 'APPLY', path: ['toString'] }],
    ['a property', { type: 'GET', path: ['ask'] }],
    ['to put another in the place of a method', { type: 'SET', path: ['ask'], value: { type: 'RAW' } }],
    ['another endpoint', { type: 'ENDPOINT', path: [] }],
    [
      'a call with an argument that throws',
      { type: 'APPLY', path: ['ping'], argumentList: [{ type: 'HANDLER', name: 'throw' }] },
    ],
  ])('is not given %s', async (_, message) => {
    const { made } = hosted();
    const { port1, port2 } = new MessageChannel();
    const replies: unknown[] = [];
    port1.onmessage = ({ data }) => replies.push(data.id);
    made[0]!.worker.postMessage({ holdfast: 'connect', queue: 'sync', port: port2 }, [port2]);
    port1.postMessage({
      argumentList: [{ type: 'RAW', value: 'globalThis.entered = true' }],
      ...message,
      id: 'bad',
    });
    port1.postMessage({ id: 'good', type: 'APPLY', path: ['ping'], argumentList: [] });
    await expect.poll(() => replies, PATIENT).toEqual(['good']);
    expect(globalThis).not.toHaveProperty('entered');
    port1.close();
  });
});
