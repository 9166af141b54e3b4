import { describe, expect, it } from 'vitest';
import type { RetryNowPlace } from '../../core/kernel/messages.ts';
import { closedAt, fail, probeAt } from './outage-scene.ts';
import type { Scene } from './scene.ts';
import { complete, release, retry, spec, specs, T } from './spec.ts';

const HOUR_MS = 3_600_000;

export function describeRetryingNow(scene: Scene): void {
  describe('retry now', () => {
    describeTried(scene);
    describeNamed(scene);
    describeKept(scene);
    describeTargets(scene);
  });
}

function describeTried(scene: Scene): void {
  it('makes a job in its backoff due, and its failures stay', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await b.claimOne(T), retry(T + HOUR_MS));
    expect(await a.retryNow(T + 10)).toEqual({ due: 1 });
    expect(await b.job('x')).toMatchObject({ state: 'pending', runAt: T + 10, failures: 1, attempt: 2 });
    expect(await b.claimIds(T + 10)).toEqual(['x']);
  });

  it('makes a job due that waits after a crash', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    for (let crash = 0; crash < 4; crash += 1) {
      await a.retryNow(T);
      await b.claimOne(T, { idle: true });
      await a.reclaim(T, { goneWorkers: ['worker'] });
    }
    expect((await a.job('x')).runAt).toBeGreaterThan(T);
    expect(await a.retryNow(T)).toEqual({ due: 1 });
    expect(await b.claimIds(T, { idle: true })).toEqual(['x']);
  });

  it('leaves delays, named instants and what was given back until then', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('given'), spec('delayed', { delayMs: 50 }), spec('named', { runAt: T + 50 }));
    await b.settle(T, await b.claimOne(T), release(T + 50));
    expect(await a.retryNow(T + 10)).toEqual({ due: 0 });
    expect(await b.claimIds(T + 10)).toEqual([]);
    expect(await b.claimIds(T + 50)).toHaveLength(3);
  });

  it('of a name or a tag leaves the others', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { tags: ['red'] }), spec('y'), spec('m', { name: 'mail' }));
    for (const held of await b.claim(T, { names: ['job', 'mail'] })) await b.settle(T, held, retry(T + 50));
    expect(await a.retryNow(T + 10, { tag: 'red' })).toEqual({ due: 1 });
    expect(await a.retryNow(T + 10, { name: 'mail' })).toEqual({ due: 1 });
    expect(await a.retryNow(T + 10, { name: 'none' })).toEqual({ due: 0 });
    expect((await b.claimIds(T + 10, { names: ['job', 'mail'] })).sort()).toEqual(['m', 'x']);
  });

  it('of more than one call may read goes on where the call before ended, each job once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 230));
    for (const held of await b.claim(T, { limit: 230 }))
      await b.settle(T, held, retry(T + 50 + (held.fence % 7)));
    const first = await a.retryNow(T + 10);
    const second = await a.retryNow(T + 11, { after: first.next as RetryNowPlace });
    const third = await a.retryNow(T + 12, { after: second.next as RetryNowPlace });
    expect([first, second, third]).toEqual([
      { due: 100, next: expect.anything() },
      { due: 100, next: expect.anything() },
      { due: 30 },
    ]);
    expect(await b.claimIds(T + 12, { limit: 500 })).toHaveLength(230);
  });

  it('keeps the order of a lane: its head is tried, those behind it wait their turn', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('l', 3, { lane: 'one' }));
    await b.settle(T, await b.claimOne(T), retry(T + HOUR_MS));
    expect(await a.retryNow(T + 10)).toEqual({ due: 1 });
    const order: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const held = await b.claimOne(T + 10);
      order.push(held.job.id);
      await b.settle(T + 10, held, complete());
    }
    expect(order).toEqual(['l0', 'l1', 'l2']);
  });

  it('of an unknown queue changes nothing', async () => {
    expect(await scene.a.retryNow(T)).toEqual({ due: 0 });
  });
}

function describeNamed(scene: Scene): void {
  it('by ids also lifts delays and named instants, of these jobs alone', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('delayed', { delayMs: 50 }),
      spec('named', { runAt: T + 50 }),
      spec('other', { delayMs: 50 }),
    );
    expect(await a.retryNow(T + 10, { ids: ['delayed', 'named', 'none'] })).toEqual({ due: 2 });
    expect((await b.claimIds(T + 10)).sort()).toEqual(['delayed', 'named']);
  });

  it('by ids leaves what is due, runs or has ended', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('runs'), spec('due'));
    await b.claimOne(T);
    expect(await a.retryNow(T + 10, { ids: ['runs', 'due'] })).toEqual({ due: 0 });
    expect((await a.job('due')).runAt).toBe(T);
  });

  it('by ids lets a job that waits in a lane wait for its turn only', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'one' }), spec('next', { lane: 'one', delayMs: HOUR_MS }));
    expect(await a.retryNow(T + 10, { ids: ['next'] })).toEqual({ due: 1 });
    const head = await b.claimOne(T + 10);
    expect(await b.claimIds(T + 10)).toEqual([]);
    await b.settle(T + 10, head, complete());
    expect(await b.claimIds(T + 10)).toEqual(['next']);
  });
}

function describeKept(scene: Scene): void {
  it('lifts neither a hold nor a pause', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await b.claimOne(T), retry(T + 50));
    await a.hold(T, 'job', T + 40);
    await a.retryNow(T + 10);
    expect(await b.claimIds(T + 10)).toEqual([]);
    expect(await b.claimIds(T + 40)).toEqual(['x']);
  });
}

function describeTargets(scene: Scene): void {
  it('lets a closed target be asked at once, and its waits begin small again', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    let now = await probeAt(b, T + 10);
    for (let tries = 0; tries < 5; tries += 1) {
      await fail(a, now, await b.claim(now));
      now = await probeAt(b, now);
    }
    const early = now - 10_000;
    expect(await b.claimIds(early)).toEqual([]);
    await a.retryNow(early);
    const probe = await b.claim(early);
    expect(probe).toHaveLength(1);
    await fail(a, early + 10, probe);
    expect(await closedAt(b, early + 10)).toEqual(['job']);
    expect((await probeAt(b, early + 10)) - early).toBeLessThan(3_000);
  });

  it('of another name leaves it closed until its probe', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    const at = await probeAt(b, T + 10);
    await a.retryNow(T + 20, { name: 'mail' });
    expect(await probeAt(b, T + 20)).toBe(at);
    await a.retryNow(T + 20, { name: 'job' });
    expect(await probeAt(b, T + 20)).toBe(T + 20);
  });
}
