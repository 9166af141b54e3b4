import { describe, expect, it } from 'vitest';
import { LEASE_MS } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, retry, spec, specs, T } from './spec.ts';

export function describeWaking(scene: Scene): void {
  describe('waking', () => {
    describeInstants(scene);
    describeHoldsAndLeases(scene);
    describeSilence(scene);
    describeQuiet(scene);
  });
}

function describeInstants(scene: Scene): void {
  it('nextAt is the earliest instant at which a job of the asked names is due', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 900 }), spec('y', { delayMs: 500, priority: -5 }));
    await b.enqueue(T, spec('m', { delayMs: 100, name: 'mail' }), spec('n', { delayMs: 400, name: 'push' }));
    expect(await a.look(T)).toEqual({ settled: [], jobs: [], nextAt: T + 500 });
    expect(await b.look(T, { names: ['job', 'push'] })).toMatchObject({ nextAt: T + 400 });
  });

  it('nextAt counts older versions of an asked name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('old', { delayMs: 500 }), spec('new', { delayMs: 900, version: 2 }));
    const names = { job: { version: 2, slots: 1 } };
    expect(await b.look(T, { names })).toMatchObject({ jobs: [], nextAt: T + 500 });
  });

  it('nextAt is not after now while more is due than was taken', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const { jobs, nextAt } = await b.look(T, { limit: 2 });
    expect(jobs).toHaveLength(2);
    expect(nextAt).toBeLessThanOrEqual(T);
  });

  it('nextAt tells of a job that was retried', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, retry(T + 250));
    expect(await b.look(T)).toMatchObject({ jobs: [], nextAt: T + 250 });
  });

  it('an exchange that retries a job answers when it is due', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    expect(await a.exchange(T, [[x, retry(T + 250)]], {})).toEqual({
      settled: ['settled'],
      jobs: [],
      nextAt: T + 250,
    });
  });
}

function describeHoldsAndLeases(scene: Scene): void {
  it('nextAt is the end of the hold of an asked name in which a job waits', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    await b.hold(T, 'job', T + 700);
    await b.hold(T, 'mail', T + 300);
    expect(await a.look(T)).toMatchObject({ jobs: [], nextAt: T + 700 });
  });

  it('nextAt is the end of a lease, whoever holds it and whatever the name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    await a.claimOne(T, { names: ['mail'], worker: 'one', leaseMs: 4_000 });
    await a.claimOne(T, { worker: 'one', leaseMs: 9_000 });
    expect(await b.look(T, { worker: 'two' })).toMatchObject({ jobs: [], nextAt: T + 4_000 });
  });

  it('nextAt follows a lease that was extended', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await a.claimOne(T, { worker: 'one' });
    await b.extend(T + 10, [x], { worker: 'one', leaseMs: 50_000 });
    expect(await b.look(T + 20, { worker: 'two' })).toMatchObject({ nextAt: T + 50_010 });
  });

  it('a lease that was settled wakes nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const x = await a.claimOne(T, { leaseMs: 1_000 });
    await b.claimOne(T, { leaseMs: LEASE_MS });
    await b.settle(T, x, complete());
    expect(await a.look(T)).toMatchObject({ nextAt: T + LEASE_MS });
  });

  it('nextAt is the instant a delayed head lets its lane go on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'doc', delayMs: 800 }), spec('next', { lane: 'doc' }));
    expect(await b.look(T)).toMatchObject({ jobs: [], nextAt: T + 800 });
  });
}

function describeSilence(scene: Scene): void {
  it('nextAt is absent when nothing waits', async () => {
    const { a, b } = scene;
    expect(await a.look(T)).toEqual({ settled: [], jobs: [] });
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, complete());
    expect((await b.look(T)).nextAt).toBeUndefined();
  });

  it('jobs of other names wake nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { name: 'mail' }), spec('y', { name: 'mail', delayMs: 50 }));
    expect((await b.look(T)).nextAt).toBeUndefined();
  });

  it('a payload too new to be claimed wakes nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { version: 2 }), spec('y', { version: 2, delayMs: 50 }));
    expect((await b.look(T)).nextAt).toBeUndefined();
  });

  it('a hold of a name in which nothing waits wakes nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('m', { name: 'mail', delayMs: 9_000 }));
    await a.hold(T, 'job', T + 700);
    expect(await b.look(T, { names: ['job', 'mail'] })).toMatchObject({ nextAt: T + 9_000 });
  });
}

function describeQuiet(scene: Scene): void {
  it('a hold that is over wakes nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 900 }));
    await a.hold(T, 'job', T + 100);
    expect(await b.look(T + 200)).toMatchObject({ jobs: [], nextAt: T + 900 });
  });

  it('a paused queue does not ask to be asked again at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await b.pause(T);
    const { jobs, nextAt = Number.POSITIVE_INFINITY } = await a.look(T);
    expect(jobs).toEqual([]);
    expect(nextAt).toBeGreaterThan(T);
  });

  it('dead jobs wake nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, { kind: 'bury', error: { name: 'Error', message: 'no', attempt: 1, at: T } });
    expect((await b.look(T)).nextAt).toBeUndefined();
  });
}
