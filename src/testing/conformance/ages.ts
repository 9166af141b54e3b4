import { describe, expect, it } from 'vitest';
import { alike, type Scene } from './scene.ts';
import { bury, complete, release, retry, spec, specs, T } from './spec.ts';

const aged = { maxAgeMs: 1_000 } as const;
const elsewhere = { names: ['another'] } as const;

export function describeAges(scene: Scene): void {
  describe('jobs with an age', () => {
    describeClaimed(scene);
    describeUnclaimed(scene);
    describeWakes(scene);
    describeAnew(scene);
  });
}

function describeClaimed(scene: Scene): void {
  it('are claimed until their age, to the ms, and then go to the dead letters', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged), spec('y', aged));
    expect(await b.claimIds(T + 999, { limit: 1 })).toEqual(['x']);
    const answer = await b.look(T + 1_000);
    expect(answer.jobs).toEqual([]);
    expect(answer.buried).toMatchObject([{ id: 'y', state: 'dead', failures: 0, attempt: 1 }]);
    expect((await a.job('y')).errors).toMatchObject([{ name: 'ExpiredError', attempt: 1, at: T + 1_000 }]);
    expect(await a.count()).toMatchObject({ pending: 0, active: 1, dead: 1 });
  });

  it('are counted from when they may first run', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...aged, delayMs: 5_000 }));
    expect((await b.job('x')).expiresAt).toBe(T + 6_000);
    expect(await b.claimIds(T + 5_999)).toEqual(['x']);
  });

  it('are not stopped in an attempt that has begun, and begin no other', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, aged));
    const [done, failed, back] = await b.claim(T + 999);
    expect((await a.look(T + 5_000, elsewhere)).buried).toBeUndefined();
    expect(await b.settle(T + 5_000, done as NonNullable<typeof done>, complete())).toBe('settled');
    expect(await b.settle(T + 5_000, failed as NonNullable<typeof failed>, retry(T + 9_000))).toBe('settled');
    expect(await b.settle(T + 5_000, back as NonNullable<typeof back>, release(T + 9_000))).toBe('settled');
    // They had waited for their retry in vain.
    for (const id of ['x1', 'x2']) expect(await a.job(id)).toMatchObject({ state: 'dead' });
    expect((await a.job('x1')).errors).toMatchObject([{ name: 'Error' }, { name: 'ExpiredError' }]);
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, completed: 1, dead: 2 });
  });
}

function describeUnclaimed(scene: Scene): void {
  it('go also when nobody claims their name, with any exchange', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...aged, name: 'mail' }), spec('y', aged), spec('z'));
    expect((await b.look(T + 999, elsewhere)).buried).toBeUndefined();
    const { buried = [] } = await b.look(T + 1_000, elsewhere);
    expect(buried.map(({ id }) => id)).toEqual(['x', 'y']);
    expect(await a.count()).toMatchObject({ pending: 1, dead: 2 });
  });

  it('go also with a reclaim, which tells them among the dead', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    expect(await b.reclaim(T + 1_000)).toEqual({ reclaimed: [], dead: ['x'], cancelled: [] });
    expect((await a.job('x')).state).toBe('dead');
  });

  it('go from a paused queue too', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    await b.store.pause({ queue: b.queue }, T);
    expect((await a.look(T + 1_000)).buried).toMatchObject([{ id: 'x' }]);
  });

  it('leave their lane to the next, whose own age begins with that', async () => {
    const { a, b } = scene;
    const lane = { lane: 'doc' };
    await a.enqueue(T, spec('head', { ...lane, ...aged }), spec('next', { ...lane, ...aged }));
    expect(await b.job('next')).not.toHaveProperty('expiresAt');
    const { buried = [] } = await b.look(T + 1_000, elsewhere);
    expect(buried.map(({ id }) => id)).toEqual(['head']);
    expect(await a.job('next')).toMatchObject({ parked: false, expiresAt: T + 2_000 });
    expect((await b.look(T + 1_999, elsewhere)).buried).toBeUndefined();
    expect((await b.look(T + 2_000, elsewhere)).buried).toMatchObject([{ id: 'next' }]);
  });

  it('do not age while they wait their turn: in a lane, behind one that is halted, or for others', async () => {
    const { a, b } = scene;
    const [lane, halted] = [{ lane: 'doc' }, { lane: 'stuck' }];
    await a.enqueue(T, spec('head', lane), spec('dies', { ...halted, onLaneDeath: 'halt' }), spec('dep'));
    const jobs = [
      spec('x', { ...lane, ...aged }),
      spec('y', { ...halted, ...aged }),
      spec('z', { dependsOn: { dep: 'dep' }, ...aged, delayMs: 500 }),
    ];
    await a.enqueue(T, ...jobs);
    const late = T + 20_000;
    for (const held of await b.claim(late))
      await a.settle(late, held, held.job.id === 'dies' ? bury() : complete());
    expect((await b.look(late + 20_000, elsewhere)).buried).toMatchObject([{ id: 'x' }, { id: 'z' }]);
    expect(await a.job('x')).toMatchObject({ expiresAt: late + 1_000 });
    expect(await a.job('y')).toMatchObject({ state: 'pending', parked: true });
    await b.remove(late + 20_000, 'dies');
    expect(await a.claimIds(late + 20_999)).toEqual(['y']);
  });

  it('begin their age anew in their place in a lane that they come back to', async () => {
    const { a, b } = scene;
    const lane = { lane: 'doc' };
    await a.enqueue(T, spec('x', { ...lane, ...aged }));
    await b.look(T + 1_000);
    await a.enqueue(T + 1_000, spec('head', lane));
    await a.redrive(T + 1_000, 'x');
    expect((await b.look(T + 90_000, elsewhere)).buried).toBeUndefined();
    await a.settle(T + 90_000, await b.claimOne(T + 90_000), complete());
    expect(await a.claimIds(T + 90_999)).toEqual(['x']);
  });

  it('age in a pause, behind a hold and behind a rate: they could have run', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, ...specs('x', 2, aged), spec('y', { name: 'mail', ...aged }));
    const names = { job: { version: 1, slots: 9, rate: { limit: 1, perMs: 60_000 } } };
    expect(await b.claimIds(T, { names })).toEqual(['x0']);
    await b.hold(T, 'mail', T + 60_000);
    expect((await b.look(T + 1_000, { names })).buried).toMatchObject([{ id: 'x1' }, { id: 'y' }]);
  });

  it('more than one transaction buries are gone after a few', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 250, aged));
    let dead = 0;
    for (let turn = 0; turn < 5; turn++) dead += (await b.look(T + 1_000, elsewhere)).buried?.length ?? 0;
    expect(dead).toBe(250);
    expect(await a.count()).toMatchObject({ pending: 0, dead: 250, bytes: 0 });
  });

  it('cost nothing to those without one', async () => {
    const { a, b, harness } = scene;
    await a.enqueue(T, ...specs('x', 100, { maxAgeMs: 9_000 }));
    await a.enqueue(T, ...specs('y', 5, { name: 'mail' }));
    const before = harness.steps();
    await b.claim(T, { names: ['mail'], limit: 5 });
    expect(harness.steps().read - before.read).toBeLessThanOrEqual(8);
  });
}

function describeWakes(scene: Scene): void {
  it('are an instant worth waking for', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...aged, name: 'mail' }), spec('y', { maxAgeMs: 300, name: 'mail' }));
    expect(await b.look(T, elsewhere)).toMatchObject({ nextAt: T + 300 });
    await b.look(T + 300, elsewhere);
    expect(await a.look(T + 300, elsewhere)).toMatchObject({ nextAt: T + 1_000 });
  });

  it('are none any more when they ended in time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4, aged));
    const [one, two, three, four] = await b.claim(T);
    await b.settle(T, one as NonNullable<typeof one>, complete());
    await b.settle(T, two as NonNullable<typeof two>, bury());
    await b.cancel(T, 'x2');
    await b.settle(T, three as NonNullable<typeof three>, retry(T));
    await b.settle(T, four as NonNullable<typeof four>, retry(T));
    await b.cancel(T, 'x3');
    expect((await a.look(T + 1_000)).buried).toBeUndefined();
    expect((await a.look(T + 1_000)).nextAt).toBeUndefined();
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, completed: 1, dead: 1, cancelled: 2 });
  });
}

function describeAnew(scene: Scene): void {
  it('begin it anew when they are redriven', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    await b.look(T + 1_000);
    expect(await a.redrive(T + 4_000, 'x')).toEqual(['redriven']);
    expect((await b.look(T + 4_999, elsewhere)).buried).toBeUndefined();
    expect((await b.look(T + 5_000)).buried).toMatchObject([{ id: 'x' }]);
  });

  it('take that of what replaces them', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('x', { ...key, ...aged }), spec('y', { ...aged, idempotencyKey: 'l' }));
    await b.enqueue(T + 500, spec('v', { ...key, ...aged, payload: 2 }));
    await b.enqueue(T + 500, spec('w', { idempotencyKey: 'l', onDuplicate: 'replace' }));
    expect((await a.look(T + 1_000, elsewhere)).buried).toBeUndefined();
    expect((await a.look(T + 1_500, elsewhere)).buried).toMatchObject([{ id: 'x' }]);
    expect(await b.claimIds(T + 9_000)).toEqual(['y']);
  });
}
