import { describe, expect, it } from 'vitest';
import { BATCH } from '../../core/features/flows/flow-row.ts';
import { SCHEDULE } from '../../core/features/schedules/schedule-row.ts';
import { rowOf } from '../../core/kernel/job-row.ts';
import type { FeatureKind, RecordKind, RecordOf } from '../../core/kernel/records.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { read, type Step } from '../../core/kernel/step.ts';
import type { Opening } from './opening.ts';
import { unreached } from './outage-scene.ts';
import { alike, type Scene } from './scene.ts';
import { bury, complete, failure, release, retry, spec, T, unbegun } from './spec.ts';

/** As a newer page would write it. */
const NEWER = { x: { of: ['a newer page', 1, null] } };
type Newer = { readonly x?: unknown };

interface Plant<A> {
  readonly queue: string;
  readonly name: string;
  readonly kind: 'drainer';
  readonly run: (rows: Rows) => Step<A>;
}

interface Transacting {
  transact<A>(call: Plant<A>): Promise<A>;
}

/** What a page does that knows more: inside one transaction, with the rows themselves. */
const within = <A>({ store, queue }: Opening, run: (rows: Rows) => Step<A>): Promise<A> =>
  (store as unknown as Transacting).transact({ queue, name: 'newer', kind: 'drainer', run });

/** Writes the field into the row of the job, live or ended, and into what its end says. */
const plant = (opening: Opening, id: string) =>
  within(opening, function* (rows) {
    const found = yield* read(rows.find(id));
    if (found?.at === 'finals') {
      rows.dropFinal(found.row);
      rows.putFinal({ ...found.row, ...NEWER, job: { ...found.row.job, ...NEWER } });
    } else if (found?.at === 'parked') rows.park({ ...found.row, ...NEWER });
    else if (found !== undefined) rows.moveJob(found.row, { ...found.row, ...NEWER });
  });

const fieldOf = (opening: Opening, id: string) =>
  within(opening, function* (rows) {
    const found = yield* read(rows.find(id));
    return found && (rowOf(found) as Newer).x;
  });

const fieldOfEnd = (opening: Opening, id: string) =>
  within(opening, function* (rows) {
    const found = yield* read(rows.find(id));
    return found?.at === 'finals' ? (found.row as Newer).x : undefined;
  });

/** Of the queue’s own row, of what a worker has claimed, and of its leases. */
const fieldsOfQueue = (opening: Opening) =>
  within(opening, function* (rows) {
    const claims = yield* read(rows.claims());
    return {
      control: ((yield* read(rows.control())) as Newer).x,
      claims: claims.map((claim) => (claim as Newer).x),
      leases: claims.flatMap(({ leases }) => leases.map((lease) => [lease.id, (lease as Newer).x])),
    };
  });

const plantInQueue = (opening: Opening) =>
  within(opening, function* (rows) {
    const control = yield* read(rows.control());
    if (control !== undefined) rows.putControl(Object.assign(control, NEWER));
    for (const claim of yield* read(rows.claims())) {
      for (const lease of claim.leases) Object.assign(lease, NEWER);
      rows.putClaims(Object.assign(claim, NEWER));
    }
  });

type Act = (scene: Scene) => Promise<unknown>;

const key = { idempotencyKey: 'k' };
const claimed = ({ b }: Scene, now = T) => b.claimOne(now);
const failed = async (scene: Scene, now = T) => scene.a.settle(now, await claimed(scene, now), bury());

/** Each leaves the job `x` somewhere, its row rewritten. */
const REWRITES: Readonly<Record<string, Act>> = {
  'a claim': claimed,
  'a retry': async (scene) => scene.a.settle(T, await claimed(scene), retry(T + 1)),
  'a release': async (scene) => scene.a.settle(T, await claimed(scene), release(T + 1)),
  'an end before it began': async (scene) => scene.a.settle(T, await claimed(scene), unbegun),
  'a crash': async (scene) => {
    await claimed(scene);
    await scene.a.reclaim(T, { goneWorkers: ['worker'] });
  },
  'a checkpoint': async (scene) => {
    await scene.a.extend(T, [await claimed(scene)], { checkpoint: 1 });
  },
  'an outage': async (scene) => {
    const { job, fence } = await claimed(scene);
    const settle = [{ id: job.id, fence, outcome: retry(T + 1, failure()), met: unreached() }];
    const { store, queue } = scene.a;
    expect((await store.exchange({ queue, workerId: 'worker', settle }, T)).settled).toEqual(['spared']);
    await scene.b.retryNow(T + 10);
  },
  'its death': failed,
  'its death and a redrive': async (scene) => {
    await failed(scene);
    expect(await scene.b.redrive(T + 1, 'x')).toEqual(['redriven']);
  },
  'its end, remembered': async (scene) => scene.a.settle(T, await claimed(scene), complete()),
  'a newcomer that replaces it': ({ a }) => a.enqueue(T, spec('y', { ...key, onDuplicate: 'replace' })),
  'a newcomer that restarts it': ({ a }) => a.enqueue(T, spec('y', { ...key, onDuplicate: 'restart' })),
  'a newcomer that moves it': ({ a }) =>
    a.enqueue(T, spec('y', { ...key, onDuplicate: 'debounce', delayMs: 9 })),
  'a newcomer that follows it': async (scene) => {
    await claimed(scene);
    await scene.a.enqueue(T, spec('y', { ...key, onDuplicate: 'replace' }));
  },
  'another that waits for it': ({ a }) => a.enqueue(T, spec('y', { dependsOn: { x: 'x' } })),
  'a rate that puts it off': ({ b }) =>
    b.claim(T, { names: { job: { version: 1, slots: 9, rate: { limit: 1, perMs: 60_000 } } } }),
  'an id that means it': async ({ a }) => {
    await a.enqueue(T, spec('own', { ...key, known: true, dedupeMs: 90_000 }));
  },
};

export function describeNewerFields(scene: Scene): void {
  describe('a field that only a newer page knows', () => {
    describeJobs(scene);
    describeFinals(scene);
    describeQueues(scene);
    describeRecords(scene);
  });
}

function describeJobs(scene: Scene): void {
  it.each(Object.entries(REWRITES))('stays in the row of a job through %s', async (_, act) => {
    const { a, b } = scene;
    const options = { ...key, lane: 'doc', dedupeMs: 60_000, rateKey: 'r' };
    await a.enqueue(T, spec('x', options), spec('other', { rateKey: 'r', priority: 1 }));
    await a.claimOne(T);
    await plant(a, 'x');
    await act(scene);
    expect(await fieldOf(b, 'x')).toEqual(NEWER.x);
  });

  it('stays in the row of a parked job when it comes to its turn in its lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'doc' }), spec('x', { lane: 'doc', maxAgeMs: 60_000 }));
    await plant(a, 'x');
    await a.settle(T, await b.claimOne(T), complete());
    expect((await b.claimOne(T)).job.id).toBe('x');
    expect(await fieldOf(a, 'x')).toEqual(NEWER.x);
  });

  it('stays in the row of a job that waits for others, through the end of each', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('one'), spec('two'), spec('x', { dependsOn: { one: 'one', two: 'two' } }));
    await plant(a, 'x');
    for (const _ of ['one', 'two']) {
      await a.settle(T, await b.claimOne(T), complete());
      expect(await fieldOf(a, 'x')).toEqual(NEWER.x);
    }
    expect((await b.claimOne(T)).job.id).toBe('x');
    expect(await fieldOf(a, 'x')).toEqual(NEWER.x);
  });

  it('stays in the rows of jobs, waiting and parked, when the clock is set back', async () => {
    const { a, b } = scene;
    const later = { delayMs: 60_000, maxAgeMs: 9_000 };
    await a.enqueue(T, spec('x', { ...later, lane: 'doc' }), spec('y', { ...later, lane: 'doc' }));
    for (const id of ['x', 'y']) await plant(a, id);
    await b.look(T - 3_600_000);
    expect((await b.job('x')).runAt).toBe(T - 3_600_000 + 60_000);
    for (const id of ['x', 'y']) expect(await fieldOf(a, id)).toEqual(NEWER.x);
  });
}

function describeFinals(scene: Scene): void {
  it('stays in what is kept of a job that ended: when another waits for it, and when the clock is set back', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('done', { dedupeMs: 60_000 }));
    const [dies, completes] = await b.claim(T);
    if (dies === undefined || completes === undefined) throw new Error('two are claimed');
    await a.exchange(T, [
      [dies, bury()],
      [completes, complete()],
    ]);
    for (const id of ['x', 'done']) await plant(a, id);
    await a.enqueue(T, spec('y', { dependsOn: { x: 'x' }, onDependencyDeath: 'run' }));
    await b.look(T - 3_600_000, { names: [] });
    expect((await b.job('x')).finishedAt).toBe(T - 3_600_000);
    for (const id of ['x', 'done']) {
      expect(await fieldOfEnd(b, id)).toEqual(NEWER.x);
      expect(await fieldOf(b, id)).toEqual(NEWER.x);
    }
  });
}

function describeQueues(scene: Scene): void {
  it('stays in the row of the queue, in what a worker has claimed and in its leases, whatever is done', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), spec('z'), spec('later', { delayMs: 9_000 }));
    const [first, second, third] = await b.claim(T);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('three are claimed');
    await plantInQueue(a);
    await a.enqueue(T, spec('new', { lane: 'doc' }), spec('dead'));
    await b.extend(T, [first, second], { progress: 1 });
    await b.settle(T, second, retry(T + 1));
    await a.settle(T, await a.claimOne(T, { worker: 'another' }), bury(), 'another');
    await a.cancel(T, 'x', 'new');
    await a.pause(T, 'other');
    await a.hold(T, 'other', T + 9_000);
    await b.reclaim(T);
    await a.retryNow(T);
    await b.look(T - 3_600_000, { names: [] });
    const { control, claims, leases } = await fieldsOfQueue(b);
    expect(control).toEqual(NEWER.x);
    expect(claims).toEqual([NEWER.x]);
    expect(leases).toEqual([
      ['x', NEWER.x],
      ['z', NEWER.x],
    ]);
    await b.settle(T, third, complete());
    expect((await fieldsOfQueue(a)).leases).toEqual([['x', NEWER.x]]);
  });
}

function describeRecords(scene: Scene): void {
  const kept = <Kind extends RecordKind>(opening: Opening, kind: Kind) =>
    within(opening, function* (rows) {
      return (yield* read(rows.recordsAfter(kind, '', 1)))[0]?.value as (RecordOf<Kind> & Newer) | undefined;
    });
  const plantIn = (opening: Opening, kind: RecordKind) =>
    within(opening, function* (rows) {
      for (const { key: at, value } of yield* read(rows.recordsAfter(kind, '', 1)))
        rows.putRecord(kind, at, { ...value, ...NEWER } as never);
    });
  const rated = { names: { job: { version: 1, slots: 9, rate: { limit: 1, perMs: 60_000 } } } };
  const put = ({ a }: Scene, missed: 'once' | 'skip') => {
    const { id: _i, known: _k, ...job } = spec('x');
    const rule = { kind: 'every', ms: 60_000 } as const;
    return a.store.putSchedules(
      { queue: a.queue, schedules: [{ id: 's', rule, missed, overlap: true, job }] },
      T,
    );
  };

  it.each<[RecordKind, Act, Act]>([
    [SCHEDULE, (all) => put(all, 'once'), (all) => put(all, 'skip')],
    [
      BATCH,
      ({ a }) => a.store.putBatch({ queue: a.queue, id: 'b' }, T),
      ({ a }) => a.enqueue(T, spec('x', { batch: 'b' })),
    ],
    [
      'key',
      ({ a }) => a.enqueue(T, spec('x', { ...key, keyForMs: 9_000 })),
      ({ a }) => a.enqueue(T, spec('y', { ...key, keyForMs: 9_500, onDuplicate: 'replace' })),
    ],
    [
      'buriedKey',
      async (all) => {
        await all.a.enqueue(T, spec('x', key));
        await failed(all);
      },
      async (all) => {
        await all.a.enqueue(T, spec('y', key));
        await failed(all);
      },
    ],
    [
      'rate' as FeatureKind,
      async ({ a, b }) => {
        await a.enqueue(T, spec('x', { rateKey: 'r' }), spec('y', { rateKey: 'r' }));
        await b.claim(T, { ...rated, limit: 1 });
      },
      ({ b }) => b.claim(T, rated),
    ],
  ])('stays in a record of the kind %s', async (kind, make, change) => {
    const both = alike(scene);
    await make(both);
    await plantIn(both.a, kind);
    const before = await kept(both.b, kind);
    expect(before?.x).toEqual(NEWER.x);
    await change(both);
    const after = await kept(both.b, kind);
    expect(after?.x).toEqual(NEWER.x);
    expect(after).not.toEqual(before);
  });
}
