import { describe, expect, it } from 'vitest';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { after, bury, complete, spec, T } from './spec.ts';

const returning = (value: unknown) => ({ kind: 'complete', result: { value } }) as const;

/** One exchange of somebody who runs nothing. */
const look = (opening: Opening, now = T) => opening.look(now, { names: ['nobody'] });

export function describeWaits(scene: Scene): void {
  describe('a job that waits for others, whatever befalls it or them', () => {
    describeRedriving(scene);
    describeIds(scene);
    describeEnds(scene);
  });
}

function describeRedriving(scene: Scene): void {
  it('dies with one of them, and redriven waits for all that have not completed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('late', { delayMs: 9_000 }), after('y', ['x', 'late']));
    await b.settle(T, await b.claimOne(T), bury());
    expect(await b.job('y')).toMatchObject({ state: 'dead', blockedBy: ['x', 'late'] });
    expect(await a.redrive(T, 'x', 'y')).toEqual(['redriven', 'redriven']);
    await b.settle(T, await b.claimOne(T), complete());
    expect(await a.claimIds(T + 8_999)).toEqual([]);
    await b.settle(T + 9_000, await b.claimOne(T + 9_000), returning('done'));
    expect((await b.claimOne(T + 9_000)).job).toMatchObject({ id: 'y', results: { late: 'done' } });
  });
}

function describeIds(scene: Scene): void {
  it('waits for the first of two in its call that are one by their key or id', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' };
    const jobs = [spec('x', key), spec('again', key), spec('p'), spec('p', { known: true })];
    const answers = await a.enqueue(T, ...jobs, after('y', ['x', 'again']), after('q', ['p', 'again']));
    expect(answers.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'x enqueued',
      'x duplicate',
      'p enqueued',
      'p duplicate',
      'y enqueued',
      'q enqueued',
    ]);
    expect((await b.job('y')).blockedBy).toEqual(['x']);
    expect((await b.job('q')).blockedBy).toEqual(['p', 'x']);
    expect(await b.count()).toMatchObject({ pending: 4 });
  });

  it('is refused when its key makes what it waits for a duplicate of itself', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' };
    for (const jobs of [
      [after('y', ['x'], key), spec('x', key)],
      [after('y', ['m'], key), after('m', ['x']), spec('x', key)],
    ])
      await expect(a.enqueue(T, ...jobs)).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await b.count()).toMatchObject({ pending: 0 });
  });

  it('is stored once when its enqueue is repeated, also after what it waited for is gone', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), after('y', ['x'], { delayMs: 500 }));
    await b.settle(T, await b.claimOne(T), complete());
    const answers = await a.enqueue(T, after('y', ['x'], { delayMs: 500, known: true }));
    expect(answers).toEqual([{ id: 'y', status: 'duplicate' }]);
    expect(await b.claimIds(T + 500)).toEqual(['y']);
  });

  it('waits for the job that has taken the id anew, not for the one that ended before', async () => {
    const { a, b } = scene;
    const room = { maxDepth: 2, drops: 'oldest' } as const;
    await a.enqueue(T, spec('x'), after('y', ['x']));
    expect(await b.enqueueWithin(room, T, spec('z'))).toMatchObject([{ dropped: [{ id: 'x' }] }]);
    await a.enqueue(T, spec('x', { known: true }), after('w', ['x']));
    await look(b);
    expect(await a.get('y')).toBeUndefined();
    expect((await a.job('w')).blockedBy).toEqual(['x']);
    expect(await b.claimIds(T)).toEqual(['z', 'x']);
  });
}

function describeEnds(scene: Scene): void {
  it('is not enqueued at the price of what it waits for', async () => {
    const { a, b } = scene;
    const room = { maxDepth: 2, drops: 'oldest' } as const;
    await a.enqueue(T, spec('x'), spec('other'));
    await b.enqueueWithin(room, T, after('y', ['x']));
    expect(await a.listIds('pending')).toEqual(['x', 'y']);
  });

  it('is told by the exchange that let it go on, and by no other', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('alone'), after('y', ['x']));
    const [x, alone] = await b.claim(T);
    expect(await a.exchange(T, [[alone as never, complete()]])).not.toHaveProperty('wentOn');
    expect(await a.exchange(T, [[x as never, complete()]])).toMatchObject({ wentOn: true });
    expect(await look(b)).not.toHaveProperty('wentOn');
  });

  it('finds results of 64 KB all together, and runs without those that are more', async () => {
    const { a, b } = scene;
    const ids = ['r0', 'r1', 'r2'];
    await a.enqueue(T, ...ids.map((id) => spec(id)), after('y', ids));
    for (const held of await b.claim(T)) await b.settle(T, held, returning('x'.repeat(30_000)));
    const { results = {} } = (await a.claimOne(T)).job;
    expect(Object.keys(results)).toEqual(['r0', 'r1']);
  });

  it('may have any id, and any name for a result', async () => {
    const { a, b } = scene;
    const ids = ['__proto__', 'constructor', 'toString'];
    await a.enqueue(T, ...ids.map((id) => spec(id)), after('y', ids));
    for (const held of await b.claim(T)) await b.settle(T, held, returning(held.job.id));
    const { dependsOn, results = {} } = (await a.claimOne(T)).job;
    expect(dependsOn).toEqual(ids);
    expect(Object.entries(results).sort()).toEqual(ids.map((id) => [id, id]));
  });
}
