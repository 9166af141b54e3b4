import { describe, expect, it } from 'vitest';
import type { ExchangeAnswer } from '../../core/kernel/messages.ts';
import { byId, type Opening, WORKER } from './opening.ts';
import { alike, QUEUE, type Scene } from './scene.ts';
import { complete, failure, retry, spec, specs, T, unbegun } from './spec.ts';

/** Rows that a call may touch besides those of jobs: a control row, a claim row. */
const SLACK = 4;

/** A lease of a job that has not begun ends alone. */
export function describeUnbegun(scene: Scene): void {
  describe('claimed and not begun', () => {
    describePlaces(scene);
    describeNeighbours(scene);
    describeEnds(scene);
    describeWords(scene);
    describeClears(scene);
    describeAges(scene);
    describeCost(scene);
  });
}

function describePlaces(scene: Scene): void {
  it('a job goes back uncounted, as it was', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: { n: 1 }, priority: 3 }));
    await a.settle(T, await b.claimOne(T), retry(T + 1));
    const before = await a.job('x');
    expect(await a.settle(T + 9, await b.claimOne(T + 1), unbegun)).toBe('settled');
    expect(await b.job('x')).toEqual(before);
    expect(await b.count()).toMatchObject({ pending: 1, active: 0 });
    expect((await a.claimOne(T + 9)).job).toMatchObject({ id: 'x', attempt: 2, failures: 1, crashes: 0 });
  });

  for (const [kind, more] of [
    ['undelayed', {}],
    ['delayed', { delayMs: 5 }],
    ['urgent', { priority: 7 }],
  ] as const)
    it(`${kind} jobs go back to their places, whatever was claimed or came meanwhile`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 6, more));
      const held = byId(await b.claim(T + 5, { limit: 4 }));
      await a.enqueue(T + 5, ...specs('y', 2, more));
      await a.settle(T + 6, held('x2'), unbegun);
      await b.settle(T + 7, held('x0'), unbegun);
      expect(await a.claimIds(T + 20, { worker: 'other' })).toEqual(['x0', 'x2', 'x4', 'x5', 'y0', 'y1']);
      expect(await b.listIds('active')).toHaveLength(8);
    });

  it('a job goes back before those that came later, also of another kind', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y', { delayMs: 1 }));
    const held = await b.claimOne(T);
    await b.enqueue(T + 2, spec('z'));
    await a.settle(T + 3, held, unbegun);
    expect(await a.claimIds(T + 3)).toEqual(['x', 'y', 'z']);
  });

  it('jobs given back are claimed in their order by the same exchange', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    const held = byId(await b.claim(T, { limit: 3 }));
    const settle = ['x2', 'x0', 'x1'].map((id) => [held(id), unbegun] as const);
    const { jobs } = await a.exchange(T, settle, { limit: 10 });
    expect(jobs.map(({ job }) => job.id)).toEqual(['x0', 'x1', 'x2', 'x3']);
  });

  it('a job that a clock made due that was set back since is due all the same', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 3_600_000 }));
    const held = await b.claimOne(T + 3_600_000);
    await a.settle(T, held, unbegun);
    expect(await b.claimIds(T)).toEqual(['x']);
  });
}

/** Stores may know how far everything is claimed or gone. */
function describeNeighbours(scene: Scene): void {
  it('jobs given back are found after later ones were claimed and completed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 12));
    const held = byId([...(await b.claim(T, { limit: 8 })), ...(await a.claim(T, { limit: 3 }))]);
    const done = ['x0', 'x1', 'x3', 'x4', 'x6', 'x7', 'x8', 'x10'];
    await a.settle(T, held('x5'), unbegun);
    await b.exchange(
      T,
      done.map((id) => [held(id), complete()] as const),
    );
    await a.settle(T, held('x2'), unbegun);
    await b.settle(T, held('x9'), complete());
    expect(await a.claimIds(T)).toEqual(['x2', 'x5', 'x11']);
    expect(await b.count()).toMatchObject({ pending: 0, active: 3, completed: 9 });
  });

  it('a completion of many takes none along that goes back between them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 9), ...specs('timed ', 9, { delayMs: 5 }));
    const claimed = await b.claim(T + 5, { limit: 18 });
    const goesBack = (id: string) => ['x4', 'timed 4'].includes(id);
    await a.exchange(
      T + 5,
      claimed.map((each) => [each, goesBack(each.job.id) ? unbegun : complete()] as const),
    );
    expect(await b.claimIds(T + 5)).toEqual(['x4', 'timed 4']);
    expect(await a.count()).toMatchObject({ pending: 0, active: 2, completed: 16 });
  });

  it('a job keeps its lane, and its key', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x', { lane: 'doc' }),
      spec('y', { lane: 'doc' }),
      spec('z', { idempotencyKey: 'k' }),
    );
    const held = await b.claim(T);
    await a.exchange(
      T,
      held.map((each) => [each, unbegun] as const),
    );
    expect(await b.enqueue(T, spec('w', { idempotencyKey: 'k' }))).toMatchObject([
      { id: 'z', status: 'duplicate' },
    ]);
    expect(await b.claimIds(T)).toEqual(['x', 'z']);
  });

  it('a newer payload takes the place of a job that went back', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { idempotencyKey: 'k', payload: 1 }));
    await a.settle(T, await b.claimOne(T), unbegun);
    await b.enqueue(T, spec('y', { idempotencyKey: 'k', onDuplicate: 'replace', payload: 2 }));
    expect(await a.claim(T)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
  });
}

function describeEnds(scene: Scene): void {
  it('a job that was asked to stop is cancelled instead, and its lane goes on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { lane: 'doc' }), spec('y', { lane: 'doc' }));
    const held = await b.claimOne(T);
    expect(await a.cancel(T, 'x')).toEqual(['requested']);
    expect(await b.settle(T, held, unbegun)).toBe('cancelled');
    expect(await a.get('x')).toBeUndefined();
    expect(await b.claimIds(T)).toEqual(['y']);
    expect(await a.count()).toMatchObject({ pending: 0, active: 1, cancelled: 1 });
  });

  it('the fence of a job that went back is stale', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const held = await b.claimOne(T);
    await a.settle(T, held, unbegun);
    expect(await b.settle(T, held, complete())).toBe('stale');
    expect(await b.settle(T, held, unbegun)).toBe('stale');
    await a.claimOne(T, { worker: 'other' });
    expect(await b.settle(T, held, unbegun)).toBe('stale');
    expect(await a.count()).toMatchObject({ pending: 0, active: 1 });
  });

  it('a place under a limit is free, and that is told', async () => {
    const { a, b } = alike(scene);
    const names = { job: { version: 1, slots: 10, maxActive: 1 } };
    await a.enqueue(T, spec('x'), spec('y'));
    const held = await b.claimOne(T, { names });
    expect(await b.exchange(T, [[held, unbegun]])).toMatchObject({ freed: true });
    expect(await a.claimIds(T, { names, worker: 'other' })).toEqual(['x']);
  });
}

/** What was said since the claim. */
function describeWords(scene: Scene): void {
  for (const [word, say] of [
    ['whose name is held', (opening: Opening) => opening.hold(T + 1, 'job', T + 500)],
    ['whose name is paused', (opening: Opening) => opening.pause(T + 1, 'job')],
    ['of a paused queue', (opening: Opening) => opening.pause(T + 1)],
    ['that was cancelled', (opening: Opening) => opening.cancel(T + 1, 'x0', 'x1')],
    ['that was cleared', (opening: Opening) => opening.cancelWaiting(T + 1, 'x0', 'x1')],
  ] as const)
    it(`a job ${word} must not begin, which its worker is told`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 2));
      const held = await b.claim(T);
      expect(await a.goingBack(T, held)).toEqual([]);
      await say(a);
      expect(await b.goingBack(T + 2, held)).toEqual(['x0', 'x1']);
      // What has begun goes on, and so does the lease of another worker.
      if (word !== 'that was cancelled')
        expect(await a.extend(T + 2, held)).toEqual(['extended', 'extended']);
      expect(await a.goingBack(T + 2, held.slice(1))).toEqual(['x1']);
      expect((await a.look(T + 2, { worker: 'other' })).goBack).toBeUndefined();
    });

  it('a job may begin when the hold is over, or the pause', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2), spec('m', { name: 'mail' }));
    const held = await b.claim(T, { names: ['job', 'mail'] });
    await a.hold(T, 'job', T + 500);
    await a.pause(T, 'mail');
    expect(await a.goingBack(T + 499, held)).toEqual(['x0', 'x1', 'm']);
    expect(await b.goingBack(T + 500, held)).toEqual(['m']);
    await b.resume(T + 500, 'mail');
    expect(await a.goingBack(T + 500, held)).toEqual([]);
  });

  it('a hold that comes with the same exchange counts, and that exchange claims none of its name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3), spec('m', { name: 'mail' }));
    const [first, second] = await b.claim(T, { limit: 2 });
    const answer = await a.store.exchange(
      {
        queue: QUEUE,
        workerId: WORKER,
        settle: [{ id: 'x0', fence: first?.fence ?? 0, outcome: retry(T + 500, failure(), T + 500) }],
        unbegun: [second?.job.id ?? ''],
        claim: {
          names: { job: { version: 1, slots: 9 }, mail: { version: 1, slots: 9 } },
          limit: 9,
          leaseMs: 1_000,
          idle: false,
        },
      },
      T,
    );
    expect(answer.goBack).toEqual(['x1']);
    expect(answer.jobs.map(({ job }) => job.id)).toEqual(['m']);
  });
}

function describeClears(scene: Scene): void {
  it('a job that was cleared is cancelled when it goes back, and its lane goes on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { lane: 'doc' }), spec('y', { lane: 'doc' }));
    const held = await b.claimOne(T);
    expect(await a.cancelWaiting(T, 'x')).toEqual(['running']);
    expect(await b.settle(T, held, unbegun)).toBe('cancelled');
    expect(await a.count()).toMatchObject({ pending: 1, active: 0, cancelled: 1 });
    expect(await b.claimIds(T)).toEqual(['y']);
  });

  it('a job that was cleared is cancelled when its worker never heard of it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.claimOne(T);
    await a.cancelWaiting(T, 'x');
    await forget(b);
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, cancelled: 1 });
  });

  it('a job that had begun when it was cleared is retried as ever, and cleared no more', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const held = await b.claimOne(T);
    await a.cancelWaiting(T, 'x');
    expect(await b.settle(T, held, retry(T + 5))).toBe('settled');
    const again = await a.claimOne(T + 5);
    expect(await b.goingBack(T + 5, [again])).toEqual([]);
    expect(await a.settle(T + 5, again, unbegun)).toBe('settled');
    expect(await b.count()).toMatchObject({ pending: 1, cancelled: 0 });
  });
}

function describeAges(scene: Scene): void {
  it('a job whose time is over goes to the dead letters, whoever claims', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxAgeMs: 1_000 }), spec('y', { maxAgeMs: 9_000 }));
    const held = byId(await b.claim(T));
    expect((await a.look(T + 1_000, { names: ['another'] })).buried).toBeUndefined();
    await a.settle(T + 1_000, held('y'), unbegun);
    const { buried } = await a.exchange(T + 1_001, [[held('x'), unbegun]]);
    expect(buried).toMatchObject([{ id: 'x', state: 'dead', failures: 0 }]);
    expect((await b.look(T + 9_000, { names: ['another'] })).buried).toMatchObject([{ id: 'y' }]);
  });
}

function describeCost(scene: Scene): void {
  const written = () => scene.harness.steps().written;

  it('writes no row of a job, however many go back', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 50), ...specs('old ', 50, { maxAgeMs: 60_000 }));
    const claimed = await b.claim(T, { limit: 100 });
    const before = written();
    await a.exchange(
      T,
      claimed.map((each) => [each, unbegun] as const),
    );
    expect(written() - before).toBeLessThanOrEqual(SLACK);
    expect(await b.claimIds(T, { limit: 100 })).toHaveLength(100);
  });

  it('writes no row of a job either when an answer was lost', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 100));
    await b.claim(T, { limit: 100 });
    const before = written();
    await forget(a);
    expect(written() - before).toBeLessThanOrEqual(SLACK);
    expect((await b.claimIds(T, { limit: 100 }))[0]).toBe('x0');
  });
}

/** The worker holds nothing, as far as it knows. */
function forget({ store, queue }: Opening): Promise<ExchangeAnswer> {
  return store.exchange({ queue, workerId: WORKER, settle: [], held: [] }, T);
}
