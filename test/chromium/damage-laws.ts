import { createQueue, defineJobs, drain, type JobSpec, job, systemEnvironment } from 'holdfast';
import { describe, expect, it } from 'vitest';

import { type StoreCalls, storeCalls } from '../../src/testing/store-calls.ts';
import { claimOf, NOW, spec } from './specs.ts';

/** A store, and a way past it to what it has written. */
export interface DamageScene {
  readonly store: StoreCalls;
  /** Rewrites what is stored of a job beside its payload: the text of its row, wherever it is. */
  editRow(id: string, edit: (text: string) => unknown): Promise<void>;
  /** Makes the stored payload unreadable; answers what mends it. */
  breakPayload(id: string): Promise<() => Promise<void>>;
  /** All that is stored under an id, as one text. */
  storedOf(id: string): Promise<string>;
  /** Rewrites the row of the queue `q`. */
  editQueue(edit: (row: Record<string, unknown>) => unknown): Promise<void>;
  dispose(): Promise<void>;
}

const TORN = '{"torn';
const asRow = (edit: (row: Record<string, unknown>) => unknown) => (text: string) =>
  JSON.stringify(edit(JSON.parse(text)));
const without = (field: string) =>
  asRow((row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== field)));
const saying = (said: object) => asRow((row) => ({ ...row, ...said }));

const DAMAGES: readonly (readonly [string, (text: string) => unknown])[] = [
  ['is torn', () => TORN],
  ['is empty', () => ''],
  ['is no text', () => 7],
  ['says null', () => 'null'],
  ['says a list', () => '[]'],
  ['lacks its id', without('id')],
  ['lacks its seq', without('seq')],
  ['lacks its errors', without('errors')],
  ['has a text for its due', saying({ due: 'soon' })],
  ['says that it lies before its key', saying({ seq: 0 })],
  ['says that it lies behind all others', saying({ seq: 1_000_000, due: NOW + 1 })],
  ['says that it is of another name', saying({ name: 'other' })],
  ['says that it is of another version', saying({ version: 2 })],
  ['says that it has another priority', saying({ rank: 7 })],
];

const settlement = (id: string, fence: number, outcome: object) =>
  ({ queue: 'q', workerId: 'worker', settle: [{ id, fence, outcome }] }) as never;

export function describeDamage(name: string, open: () => Promise<DamageScene>): void {
  const withScene =
    (act: (scene: DamageScene) => Promise<void>): (() => Promise<void>) =>
    async () => {
      const scene = await open();
      await act(scene).finally(() => scene.dispose());
    };
  const enqueue = ({ store }: DamageScene, ...jobs: JobSpec[]) => store.enqueue({ queue: 'q', jobs }, NOW);
  const claim = async ({ store }: DamageScene, limit = 10, now = NOW) => {
    const { jobs, buried = [], nextAt } = await store.exchange(claimOf('worker', limit), now);
    return { jobs, ids: jobs.map(({ job }) => job.id), buried: buried.map(({ id }) => id), nextAt };
  };
  const count = ({ store }: DamageScene) => store.count({ queue: 'q' });
  const get = ({ store }: DamageScene, id: string) => store.get({ queue: 'q', id });
  const list = async ({ store }: DamageScene, state: 'pending' | 'active' | 'dead' | 'completed') =>
    (await store.list({ queue: 'q', state, limit: 100 })).jobs.map(({ id }) => id);
  const select = (...ids: string[]) => ({ queue: 'q', ids });

  describe(`${name}: a job whose payload cannot be read`, () => {
    it(
      'goes to the dead letters when a claim meets it, and the others are claimed in the same exchange',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y'), spec('z'));
        await scene.breakPayload('y');
        expect(await claim(scene, 2)).toMatchObject({ ids: ['x', 'z'], buried: ['y'] });
        expect(await count(scene)).toMatchObject({ pending: 0, active: 2, dead: 1 });
        const dead = await get(scene, 'y');
        expect(dead).toMatchObject({ state: 'dead', payload: undefined, failures: 0, finishedAt: NOW });
        expect(dead?.errors).toEqual([
          {
            name: 'PayloadError',
            message: expect.stringMatching(/^the stored payload cannot be read: .{3,200}$/),
            attempt: 1,
            at: NOW,
          },
        ]);
      }),
    );

    it(
      'lets its lane go on in the same exchange, however many of it there are',
      withScene(async (scene) => {
        const lane = 'doc';
        await enqueue(scene, ...['w', 'x', 'y', 'z'].map((id) => spec(id, { lane })));
        for (const id of ['w', 'x', 'y']) await scene.breakPayload(id);
        expect(await claim(scene)).toMatchObject({ ids: ['z'], buried: ['w', 'x', 'y'] });
        expect(await count(scene)).toMatchObject({ pending: 0, active: 1, dead: 3 });
      }),
    );

    it(
      'takes no slot from others',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y'));
        await scene.breakPayload('x');
        expect(await claim(scene, 1)).toMatchObject({ ids: ['y'], buried: ['x'] });
      }),
    );

    it(
      'is looked at and listed without its payload while it waits',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y'));
        await scene.breakPayload('x');
        expect(await list(scene, 'pending')).toEqual(['x', 'y']);
        expect(await get(scene, 'x')).toMatchObject({ state: 'pending', payload: undefined, errors: [] });
        expect(await get(scene, 'y')).toMatchObject({ payload: { id: 'y' } });
      }),
    );

    it(
      'stays dead when it is redriven, until it can be read again',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'));
        const mend = await scene.breakPayload('x');
        await claim(scene);
        expect(await scene.store.redrive(select('x'), NOW)).toEqual(['unreadable']);
        expect(await get(scene, 'x')).toMatchObject({ state: 'dead', errors: [{ name: 'PayloadError' }] });
        await mend();
        expect(await scene.store.redrive(select('x'), NOW)).toEqual(['redriven']);
        const { jobs } = await claim(scene);
        expect(jobs).toMatchObject([{ job: { id: 'x', payload: { id: 'x' } } }]);
      }),
    );

    it(
      'can be cancelled, and removed once it is dead',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y'));
        for (const id of ['x', 'y']) await scene.breakPayload(id);
        expect(await scene.store.cancel(select('x'), NOW)).toEqual(['cancelled']);
        await claim(scene);
        expect(await scene.store.remove(select('y'), NOW)).toEqual(['removed']);
        expect(await count(scene)).toMatchObject({ pending: 0, dead: 0, cancelled: 1, bytes: 0 });
      }),
    );

    it(
      'is one of many: a worker gets past all of them, tells each, and drains',
      withScene(async (scene) => {
        const ids = Array.from({ length: 230 }, (_, i) => `x${i}`);
        await enqueue(scene, ...ids.map((id) => spec(id)), spec('good'));
        for (const id of ids) await scene.breakPayload(id);
        const jobs = defineJobs({ push: job() });
        const queue = createQueue({ name: 'q', jobs, store: scene.store, environment });
        const dead: string[] = [];
        queue.on('job:dead', (event) => dead.push(event.job.id));
        const ran: string[] = [];
        const done = await drain(queue, { push: (_, context) => ran.push(context.job.id) });
        expect(ran).toEqual(['good']);
        expect(dead).toEqual(ids);
        expect(done).toMatchObject({ completed: 1, dead: 230 });
      }),
    );
  });

  describe(`${name}: a row that`, () => {
    it.each(DAMAGES)('%s does not stop what lies behind it', (_, edit) =>
      withScene(async (scene) => {
        await enqueue(scene, spec('w'), spec('x'), spec('y'), spec('z', { delayMs: 10 }));
        await scene.editRow('x', edit);
        expect(await claim(scene)).toMatchObject({ ids: ['w', 'y'], buried: ['x'] });
        expect(await count(scene)).toMatchObject({ pending: 1, active: 2, dead: 1 });
        expect((await claim(scene, 10, NOW + 10)).ids).toEqual(['z']);
        expect(await get(scene, 'x')).toMatchObject({ state: 'dead', errors: [{ name: 'PayloadError' }] });
        expect(await list(scene, 'dead')).toEqual(['x']);
        expect(await scene.store.redrive(select('x'), NOW + 10)).toEqual(['unreadable']);
        expect(await scene.store.remove(select('x'), NOW + 10)).toEqual(['removed']);
      })(),
    );

    it(
      'is torn stays among the dead letters as it was',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'));
        await scene.editRow('x', () => '{"torn at the very end');
        await claim(scene);
        expect(await scene.storedOf('x')).toContain('torn at the very end');
      }),
    );

    it(
      'is torn is a death to those that wait for it, and dies itself when what it waited for has ended',
      withScene(async (scene) => {
        const dependsOn = { x: 'x' };
        await enqueue(
          scene,
          spec('x'),
          spec('y', { dependsOn, onDependencyDeath: 'run' }),
          spec('z', { dependsOn }),
        );
        for (const id of ['x', 'z']) await scene.editRow(id, () => TORN);
        await claim(scene);
        expect(await claim(scene)).toMatchObject({ ids: ['y'] });
        expect(await list(scene, 'dead')).toEqual(['x', 'z']);
        expect(await count(scene)).toMatchObject({ pending: 0, active: 1, dead: 2 });
      }),
    );

    it(
      'is torn lets its lane go on, as head and in the middle of it',
      withScene(async (scene) => {
        const lane = 'doc';
        await enqueue(scene, ...['x', 'y', 'z'].map((id) => spec(id, { lane })));
        for (const id of ['x', 'y']) await scene.editRow(id, () => TORN);
        expect(await claim(scene)).toMatchObject({ ids: ['z'], buried: ['x'] });
        expect(await count(scene)).toMatchObject({ pending: 0, active: 1, dead: 2 });
        expect(await get(scene, 'y')).toMatchObject({
          state: 'dead',
          lane,
          errors: [{ name: 'PayloadError' }],
        });
      }),
    );

    it(
      'is torn holds its key against nobody',
      withScene(async (scene) => {
        const key = { idempotencyKey: 'k' };
        await enqueue(scene, spec('x', key));
        await scene.editRow('x', () => TORN);
        expect(await enqueue(scene, spec('y', key))).toEqual([{ id: 'y', status: 'enqueued' }]);
        expect(await claim(scene)).toMatchObject({ ids: ['y'], buried: ['x'] });
      }),
    );

    it(
      'is torn while the job runs is dead at the next claim, unless it completes',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y'));
        const { jobs } = await claim(scene);
        const [x, y] = jobs.map(({ fence }) => fence) as [number, number];
        for (const id of ['x', 'y']) await scene.editRow(id, () => TORN);
        expect(await list(scene, 'active')).toEqual(['x', 'y']);
        await scene.store.exchange(settlement('x', x, { kind: 'complete' }), NOW);
        const error = { name: 'Error', message: 'offline', attempt: 1, at: NOW };
        await scene.store.exchange(settlement('y', y, { kind: 'retry', runAt: NOW + 5, error }), NOW);
        expect(await count(scene)).toMatchObject({ pending: 1, active: 0, completed: 1 });
        expect(await claim(scene, 10, NOW + 5)).toMatchObject({ ids: [], buried: ['y'] });
        expect(await scene.storedOf('y')).toContain('torn');
      }),
    );

    it(
      'is torn among the delayed is buried at once when the clock is set back',
      withScene(async (scene) => {
        await enqueue(scene, spec('x', { delayMs: 60_000 }), spec('y', { delayMs: 61_000 }));
        await scene.editRow('x', () => TORN);
        await enqueue(scene, spec('z'));
        await scene.store.hold({ queue: 'q', name: 'none', until: 0 }, NOW + 70_000);
        expect(await claim(scene, 10, NOW)).toMatchObject({ ids: ['z'], buried: ['x'] });
        expect(await claim(scene, 10, NOW + 61_000)).toMatchObject({ ids: ['y'] });
      }),
    );

    it(
      'is torn among the ended is listed, and can be removed',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y', { dedupeMs: 50 }));
        const { jobs } = await claim(scene);
        const [x, y] = jobs.map(({ fence }) => fence) as [number, number];
        const error = { name: 'Error', message: 'never', attempt: 1, at: NOW };
        await scene.store.exchange(settlement('x', x, { kind: 'bury', error }), NOW);
        await scene.store.exchange(settlement('y', y, { kind: 'complete' }), NOW);
        for (const id of ['x', 'y']) await scene.editRow(id, () => TORN);
        expect(await list(scene, 'dead')).toEqual(['x']);
        expect(await list(scene, 'completed')).toEqual(['y']);
        expect(await get(scene, 'x')).toMatchObject({ state: 'dead', finishedAt: NOW, payload: undefined });
        expect(await scene.store.remove(select('x', 'y'), NOW)).toEqual(['removed', 'removed']);
        expect(await count(scene)).toMatchObject({ dead: 0 });
      }),
    );

    it(
      'is torn among the remembered ids is forgotten in its time, and stops nothing',
      withScene(async (scene) => {
        await enqueue(scene, spec('x', { dedupeMs: 50 }), spec('y'));
        const { jobs } = await claim(scene);
        const [x, y] = jobs.map(({ fence }) => fence) as [number, number];
        await scene.store.exchange(settlement('x', x, { kind: 'complete' }), NOW);
        await scene.editRow('x', () => TORN);
        await scene.store.exchange(settlement('y', y, { kind: 'complete' }), NOW + 100);
        expect(await list(scene, 'completed')).toEqual([]);
      }),
    );
  });

  describe(`${name}: a damaged row of the queue itself`, () => {
    it.each<[string, (row: Record<string, unknown>) => unknown]>([
      ['lacks a counter', ({ seq: _, ...rest }) => rest],
      ['has a counter that is no number', (row) => ({ ...row, fence: null })],
      ['lacks its streams', ({ streams: _, ...rest }) => rest],
      ['is no row', () => 5],
    ])('that %s is made anew from the jobs that are there', (_, edit) =>
      withScene(async (scene) => {
        const lane = 'doc';
        const head = spec('halts', { lane, onLaneDeath: 'halt' });
        await enqueue(scene, spec('x'), spec('runs'), spec('y'), head, spec('behind', { lane }));
        await scene.breakPayload('x');
        await enqueue(scene, spec('later', { delayMs: 60_000 }));
        const { jobs } = await claim(scene, 3);
        const [runs, , halts] = jobs.map(({ fence }) => fence) as [number, number, number];
        const error = { name: 'Error', message: 'never', attempt: 1, at: NOW };
        await scene.store.exchange(settlement('halts', halts, { kind: 'bury', error }), NOW);
        const before = await count(scene);
        expect(before).toMatchObject({ pending: 2, active: 2, dead: 2 });
        await scene.editQueue(edit);
        expect(await count(scene)).toMatchObject(before);
        expect(await enqueue(scene, spec('z'))).toMatchObject([{ status: 'enqueued' }]);
        const claimed = await claim(scene);
        expect(claimed.ids).toEqual(['z']);
        expect(claimed.jobs[0]?.fence).toBeGreaterThan(halts);
        await scene.store.exchange(settlement('runs', runs, { kind: 'complete' }), NOW);
        expect(await scene.store.remove(select('halts'), NOW)).toEqual(['removed']);
        expect((await claim(scene)).ids).toEqual(['behind']);
        expect((await claim(scene, 10, NOW + 60_000)).ids).toEqual(['later']);
        expect(await count(scene)).toMatchObject({ pending: 0, active: 4, dead: 1, completed: 1 });
      })(),
    );

    it(
      'is made anew with the schedules, ids and keys that it knew of',
      withScene(async (scene) => {
        const known = spec('known', { known: true, dedupeMs: 90_000 });
        const keyed = spec('keyed', { idempotencyKey: 'k', keyForMs: 90_000 });
        await enqueue(scene, known, keyed);
        const { jobs } = await claim(scene);
        for (const { job: ran, fence } of jobs)
          await scene.store.exchange(settlement(ran.id, fence, { kind: 'complete' }), NOW);
        await scene.editQueue(() => 5);
        expect(await enqueue(scene, known, { ...keyed, id: 'again' })).toMatchObject([
          { status: 'duplicate' },
          { status: 'duplicate' },
        ]);
      }),
    );

    it(
      'has its ticks found again by whoever knows of schedules, whoever made it anew',
      withScene(async (scene) => {
        const { id: _i, known: _k, ...job } = spec('x');
        const rule = { kind: 'every', ms: 60_000 } as const;
        const schedules = [{ id: 's', rule, missed: 'once', overlap: true, job } as const];
        await scene.store.putSchedules({ queue: 'q', schedules }, NOW);
        await scene.editQueue(() => 5);
        const without = storeCalls(scene.store, []);
        await without.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW + 1);
        const ask = { kinds: ['every'], names: { [job.name]: 1 } };
        const look = (now: number) =>
          scene.store.exchange(
            {
              ...{ queue: 'q', workerId: 'w', settle: [] },
              claim: { names: {}, limit: 1, leaseMs: 30_000, idle: true, asks: { schedules: ask } },
            },
            now,
          );
        expect(await look(NOW + 2)).toMatchObject({ asked: { schedules: NOW + 2 } });
        expect(await scene.store.fire({ queue: 'q', firings: [] }, NOW + 2)).toEqual([]);
        expect(await look(NOW + 3)).toMatchObject({ asked: { schedules: NOW + 60_000 } });
      }),
    );

    it(
      'can be purged with all that is there',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'), spec('y', { lane: 'doc' }), spec('z', { lane: 'doc' }));
        await scene.editQueue(() => 5);
        const purge = () => scene.store.purge({ queue: 'q', limit: 100, force: false }, NOW);
        expect(await purge()).toMatchObject({ removed: 3 });
        expect(await purge()).toMatchObject({ removed: 0, more: false });
        expect(await get(scene, 'x')).toBeUndefined();
      }),
    );

    it(
      'leaves the other queues of its store alone',
      withScene(async (scene) => {
        await enqueue(scene, spec('x'));
        await scene.editQueue(() => 5);
        await scene.store.enqueue({ queue: 'other', jobs: [spec('y')] }, NOW);
        expect(await scene.store.count({ queue: 'other' })).toMatchObject({ pending: 1 });
      }),
    );
  });
}

const environment = { ...systemEnvironment, now: () => NOW };
