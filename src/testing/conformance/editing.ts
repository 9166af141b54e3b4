import { describe, expect, it } from 'vitest';
import type { PayloadEdit } from '../../core/kernel/messages.ts';
import type { Scene } from './scene.ts';
import { after, bury, complete, retry, spec, specs, T } from './spec.ts';
import { openBare } from './witness.ts';

const HOUR_MS = 3_600_000;

export function describeEditing(scene: Scene): void {
  describe('edit', () => {
    describePayload(scene);
    describePriority(scene);
    describeTime(scene);
    describeCompany(scene);
    describeRefused(scene);
  });
}

const payload = (value: unknown, version = 1): PayloadEdit => ({ payload: value, version });

function describePayload(scene: Scene): void {
  it('gives a waiting job another payload, of its version, counted by its size; all else stays', async () => {
    const { a, b } = scene;
    const more = { payload: 'small', priority: 3, maxAttempts: 4, tags: ['t'], idempotencyKey: 'k' };
    await a.enqueue(T, spec('x', more));
    const before = await a.job('x');
    const { bytes } = await a.count();
    expect(await b.edit(T + 5, 'x', { edit: payload('x'.repeat(1_000), 2) })).toBe('edited');
    expect(await a.job('x')).toEqual({ ...before, payload: 'x'.repeat(1_000), version: 2 });
    expect((await a.count()).bytes).toBeGreaterThan(bytes + 900);
    expect(await a.claimIds(T + 5)).toEqual([]);
    const names = { job: { version: 2, slots: 9 } };
    await a.settle(T + 5, await a.claimOne(T + 5, { names }), complete());
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('keeps its place among others, with its failures', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await a.settle(T, await b.claimOne(T), retry(T + 1));
    expect(await a.edit(T + 1, 'x0', { edit: payload([1]) })).toBe('edited');
    expect(await a.edit(T + 1, 'x1', { edit: payload([1]) })).toBe('edited');
    expect(await b.job('x0')).toMatchObject({ failures: 1, attempt: 2 });
    expect(await b.claimIds(T + 1)).toEqual(['x1', 'x2', 'x0']);
  });
}

function describePriority(scene: Scene): void {
  it('gives it another priority: it goes among those at once, by when it was accepted', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('low', { priority: -5 }), spec('high', { priority: 5 }), ...specs('x', 2));
    expect(await b.edit(T, 'x1', { priority: 9 })).toBe('edited');
    expect(await b.edit(T, 'high', { priority: 0 })).toBe('edited');
    expect(await a.job('x1')).toMatchObject({ priority: 9, state: 'pending' });
    expect(await a.claimIds(T)).toEqual(['x1', 'high', 'x0', 'low']);
    expect(await b.count()).toMatchObject({ pending: 0, active: 4 });
  });

  it('one that nobody could reach before, as low water was above it, is found', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('early', { priority: -1 }), ...specs('x', 5));
    await a.claim(T, { limit: 5 });
    await b.edit(T, 'early', { priority: 0 });
    expect(await a.claimIds(T)).toEqual(['early']);
  });
}

function describeTime(scene: Scene): void {
  it('gives it another time, sooner or later', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('now'),
      spec('later', { delayMs: HOUR_MS }),
      spec('named', { runAt: T + HOUR_MS }),
    );
    expect(await b.edit(T, 'now', { runAt: T + 50 })).toBe('edited');
    expect(await b.edit(T, 'later', { delayMs: 0 })).toBe('edited');
    expect(await b.edit(T, 'named', { delayMs: 20 })).toBe('edited');
    expect(await a.claimIds(T)).toEqual(['later']);
    expect(await a.look(T)).toMatchObject({ nextAt: T + 20 });
    expect(await a.claimIds(T + 20)).toEqual(['named']);
    expect(await b.job('now')).toMatchObject({ runAt: T + 50 });
    expect(await a.claimIds(T + 50)).toEqual(['now']);
  });

  it('one that is due and is to be due keeps its place', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    expect(await b.edit(T + 9, 'x0', { runAt: T - 50 })).toBe('edited');
    expect(await a.claimIds(T + 9)).toEqual(['x0', 'x1']);
  });

  it('its age counts from its new time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxAgeMs: 100 }));
    await b.edit(T + 50, 'x', { delayMs: 1_000 });
    expect(await a.job('x')).toMatchObject({ expiresAt: T + 1_150 });
    await a.look(T + 200);
    expect(await b.job('x')).toMatchObject({ state: 'pending' });
    await a.look(T + 1_150);
    expect(await b.job('x')).toMatchObject({ state: 'dead' });
  });

  it('waits no longer than it was told once a clock that was ahead is set right', async () => {
    const { a, b } = scene;
    await a.enqueue(T + HOUR_MS, spec('x'), spec('named'));
    await a.edit(T + HOUR_MS, 'x', { delayMs: 1_000 });
    await a.edit(T + HOUR_MS, 'named', { runAt: T + 2 * HOUR_MS });
    await b.look(T);
    expect(await b.claimIds(T + 1_000)).toEqual(['x']);
    expect(await b.job('named')).toMatchObject({ runAt: T + 2 * HOUR_MS });
  });
}

function describeCompany(scene: Scene): void {
  it('one that waits in a lane stays there, at its place', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('l', 3, { lane: 'one' }));
    expect(await a.edit(T, 'l1', { edit: payload('edited'), priority: 50, delayMs: 0 })).toBe('edited');
    expect(await a.edit(T, 'l2', { priority: 90 })).toBe('edited');
    const order: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const held = await b.claimOne(T);
      order.push([held.job.id, held.job.payload, held.job.priority]);
      await b.settle(T, held, complete());
    }
    expect(order).toEqual([
      ['l0', null, 0],
      ['l1', 'edited', 50],
      ['l2', null, 90],
    ]);
    expect(await a.count()).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('one that waits for others goes on when they have ended, as it was edited', async () => {
    const { a } = scene;
    await a.enqueue(T, spec('first'), after('second', ['first']));
    expect(await a.edit(T, 'second', { edit: payload('edited'), delayMs: 100 })).toBe('edited');
    await a.settle(T, await a.claimOne(T), complete());
    expect(await a.claimIds(T + 50)).toEqual([]);
    expect(await a.claimOne(T + 100)).toMatchObject({ job: { id: 'second', payload: 'edited' } });
  });

  it('lifts neither a hold nor what else its name waits for', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('held'));
    await a.hold(T, 'job', T + 40);
    await b.edit(T, 'x', { delayMs: 0, priority: 9 });
    expect(await b.claimIds(T + 10)).toEqual([]);
    expect(await b.claimIds(T + 40)).toEqual(['x', 'held']);
  });
}

function describeRefused(scene: Scene): void {
  it('leaves what runs, has ended or is not there as it is', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('dead'), spec('runs'));
    await a.settle(T, await b.claimOne(T), bury());
    await b.claimOne(T);
    const before = [await a.job('dead'), await a.job('runs')];
    for (const changes of [{ edit: payload('edited') }, { priority: 9 }, { delayMs: 50 }]) {
      const { store, queue } = b;
      const answers = await store.edit({ queue, ids: ['runs', 'none', 'dead'], ...changes }, T);
      expect(answers).toEqual(['running', 'unknown', 'finished']);
    }
    expect([await a.job('dead'), await a.job('runs')]).toEqual(before);
    expect(await a.inQueue('none').edit(T, 'runs', { priority: 9 })).toBe('unknown');
  });

  it('leaves what is not run without a feature to pages that have it, which drop what belongs to the old payload', async () => {
    const { a } = scene;
    const bare = await openBare(scene);
    await a.enqueue(T, spec('x'));
    const held = await a.claimOne(T);
    await a.extend(T, [held], { checkpoint: { upTo: 7 } });
    await a.settle(T, held, retry(T));
    expect(await bare.edit(T, 'x', { priority: 5 })).toBe('needs-feature');
    expect(await a.edit(T, 'x', { edit: payload('edited') })).toBe('edited');
    expect(await bare.claimOne(T)).toMatchObject({ job: { id: 'x', payload: 'edited' } });
  });
}
