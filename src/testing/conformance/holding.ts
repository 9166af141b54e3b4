import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, complete, spec, specs, T } from './spec.ts';

export function describeHolding(scene: Scene): void {
  describe('hold', () => {
    describeHold(scene);
    describeHoldLimits(scene);
  });
  describe('pause', () => {
    describePause(scene);
    describePauseLimits(scene);
  });
}

function describeHold(scene: Scene): void {
  it('nobody claims a held name before the hold ends', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('later', { delayMs: 100 }));
    await b.hold(T, 'job', T + 1_000);
    expect(await a.claimIds(T + 999)).toEqual([]);
    expect(await b.claimIds(T + 999)).toEqual([]);
    expect(await b.claimIds(T + 1_000)).toEqual(['x', 'later']);
  });

  it('holds every version of the name, and no other name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { priority: 9 }), spec('new', { version: 2 }), spec('m', { name: 'mail' }));
    await a.hold(T, 'job', T + 1_000);
    const names = { job: { version: 2, slots: 9 }, mail: { version: 1, slots: 9 } };
    expect(await b.claimIds(T, { names })).toEqual(['m']);
  });

  it('holds what is enqueued after it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('m', { name: 'mail' }));
    await a.hold(T, 'job', T + 1_000);
    await b.enqueue(T, spec('x', { priority: 100 }));
    expect(await b.claimIds(T)).toEqual([]);
    expect(await a.claimIds(T + 1_000)).toEqual(['x']);
  });

  it('a later instant wins over an earlier one, in whichever order they come', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.hold(T, 'job', T + 1_000);
    await b.hold(T, 'job', T + 300);
    expect(await a.claimIds(T + 999)).toEqual([]);
    await a.hold(T, 'job', T + 2_000);
    expect(await b.claimIds(T + 1_999)).toEqual([]);
    expect(await b.claimIds(T + 2_000)).toEqual(['x']);
  });
}

function describeHoldLimits(scene: Scene): void {
  it('holds names that are words of the language too', async () => {
    const { a, b } = scene;
    const names = ['constructor', 'toString', '__proto__'];
    await a.enqueue(T, ...names.map((name) => spec(name, { name })));
    for (const name of names) await a.hold(T, name, T + 1_000);
    expect(await b.claimIds(T + 999, { names })).toEqual([]);
    expect(await b.claimIds(T + 1_000, { names })).toEqual(names);
  });

  it('does not touch the jobs that run', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.hold(T, 'job', T + 1_000);
    expect(await a.extend(T, [x])).toEqual(['extended']);
    expect(await b.settle(T, x, complete())).toBe('settled');
  });
}

function describePause(scene: Scene): void {
  it('a paused queue gives no jobs to anybody until it is resumed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    await b.pause(T);
    expect(await a.claimIds(T, { names: ['job', 'mail'] })).toEqual([]);
    expect(await b.claimIds(T + 9_000, { names: ['job', 'mail'], idle: true })).toEqual([]);
    expect(await a.count()).toMatchObject({ pending: 2, paused: true });
    await a.resume(T);
    expect(await b.count()).toMatchObject({ pending: 2, paused: false });
    expect(await b.claimIds(T, { names: ['job', 'mail'] })).toEqual(['x', 'm']);
  });

  it('everything but claiming goes on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    const [one, two, three] = await b.claim(T, { limit: 3 });
    if (!one || !two || !three) throw new Error('three jobs were to be claimed');
    await a.pause(T);
    expect(await b.extend(T, [one])).toEqual(['extended']);
    expect(await a.exchange(T, [[one, complete(spec('y'))]], {})).toMatchObject({
      settled: ['settled'],
      jobs: [],
    });
    expect(await b.settle(T, two, bury())).toBe('settled');
    expect(await a.redrive(T, two.job.id)).toEqual(['redriven']);
    expect(await b.enqueue(T, spec('z'))).toEqual([{ id: 'z', status: 'enqueued' }]);
    expect(await a.cancel(T, 'x3')).toEqual(['cancelled']);
    expect((await b.reclaim(T + 30_000)).reclaimed).toEqual([three.job.id]);
    await a.resume(T + 30_000);
    expect(new Set(await b.claimIds(T + 30_000))).toEqual(new Set(['x1', 'x2', 'y', 'z']));
  });
}

function describePauseLimits(scene: Scene): void {
  it('pausing twice, or resuming what runs, changes nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.resume(T);
    expect(await b.count()).toMatchObject({ paused: false });
    await a.pause(T);
    await b.pause(T);
    expect(await a.count()).toMatchObject({ paused: true });
    await b.resume(T);
    expect(await a.claimIds(T)).toEqual(['x']);
  });

  it('a pause touches no other queue', async () => {
    const { a, b } = scene;
    const other = b.inQueue('other');
    await a.enqueue(T, spec('x'));
    await other.enqueue(T, spec('y'));
    await a.pause(T);
    expect(await other.count()).toMatchObject({ paused: false });
    expect(await other.claimIds(T)).toEqual(['y']);
  });

  it('a queue can be paused before its first job', async () => {
    const { a, b } = scene;
    await a.pause(T);
    await b.enqueue(T, spec('x'));
    expect(await b.claimIds(T)).toEqual([]);
    await b.resume(T);
    expect(await a.claimIds(T)).toEqual(['x']);
  });
}
