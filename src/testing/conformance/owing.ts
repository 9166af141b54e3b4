import { describe, expect, it } from 'vitest';
import { read } from '../../core/kernel/step.ts';
import { byId, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, retry, spec, specs, T } from './spec.ts';
import { heardBy, openBare, openWith, within, witness } from './witness.ts';

const owes = ['witness'];
const owing = (id: string, more = {}) => spec(id, { owes, ...more });

const owedRecords = (opening: Opening) =>
  within(opening, function* (rows) {
    return (yield* read(rows.recordsAfter('owed', '', 1_000))).map(({ value }) => value.job.id);
  });

/** All ways out of the job `x`, each on a page that need not have the feature. */
const WAYS: Readonly<Record<string, readonly [(page: Opening) => Promise<unknown>, string]>> = {
  'its completion': [async (page) => page.settle(T, await page.claimOne(T), complete()), 'x completed'],
  'its death': [async (page) => page.settle(T, await page.claimOne(T), bury()), 'x dead'],
  'its end by its handler': [
    async (page) => page.settle(T, await page.claimOne(T), cancelled),
    'x cancelled',
  ],
  'a cancel while it waits': [(page) => page.cancel(T, 'x'), 'x cancelled'],
  'a cancel while it runs': [
    async (page) => {
      const held = await page.claimOne(T);
      await page.cancel(T, 'x');
      await page.settle(T, held, retry(T));
    },
    'x cancelled',
  ],
  'a cancel and the loss of its owner': [
    async (page) => {
      await page.claimOne(T);
      await page.cancel(T, 'x');
      await page.reclaim(T, { goneWorkers: ['worker'] });
    },
    'x cancelled',
  ],
  'too many crashes': [
    async (page) => {
      await page.claimOne(T);
      await page.reclaim(T, { goneWorkers: ['worker'] });
    },
    'x dead',
  ],
  'its age': [(page) => page.look(T + 1_000), 'x dead'],
  'its dropping for others': [
    (page) => page.enqueueWithin({ maxDepth: 1, drops: 'oldest' }, T, spec('y')),
    'x cancelled',
  ],
};

export function describeOwing(scene: Scene): void {
  describe('the end of a job that a feature must hear of', () => {
    const page = async () => ({ knows: await openWith(scene, witness()), lacks: await openBare(scene) });

    it.each(Object.entries(WAYS))('is heard at once where the feature is: %s', async (_, [leave, line]) => {
      const { knows } = await page();
      await knows.enqueue(T, owing('x', { maxCrashes: 1, maxAgeMs: 1_000 }));
      await leave(knows);
      expect(await heardBy(knows)).toEqual([line]);
      expect(await owedRecords(knows)).toEqual([]);
    });

    it.each(Object.entries(WAYS))('is owed where it is not, and heard once: %s', async (_, [leave, line]) => {
      const { knows, lacks } = await page();
      await knows.enqueue(T, owing('x', { maxCrashes: 1, maxAgeMs: 1_000 }));
      await leave(lacks);
      expect(await heardBy(knows)).toEqual([]);
      expect(await owedRecords(lacks)).toEqual(['x']);
      await lacks.look(T + 1_000, { names: [] });
      expect(await heardBy(knows)).toEqual([]);
      await knows.look(T + 1_000, { names: [] });
      expect(await heardBy(knows)).toEqual([line]);
      await knows.look(T + 1_000, { names: [] });
      expect(await heardBy(knows)).toEqual([line]);
      expect(await owedRecords(knows)).toEqual([]);
    });

    describeWhatIsTold(scene, page);
    describeRedriven(page);
    describeTurns(scene, page);
  });
}

type Pages = () => Promise<{ readonly knows: Opening; readonly lacks: Opening }>;

function describeWhatIsTold(scene: Scene, page: Pages): void {
  it('comes with what the handler returned, and with the row without its payload', async () => {
    const { knows, lacks } = await page();
    await knows.enqueue(T, owing('x', { payload: 'large', tags: ['a'] }));
    const held = await lacks.claimOne(T);
    expect(held.awaited).toBe(true);
    await lacks.settle(T + 5, held, { kind: 'complete', result: { value: { n: 1 } } });
    const [owed] = await within(lacks, function* (rows) {
      return yield* read(rows.recordsAfter('owed', '', 9));
    });
    expect(owed?.value).toMatchObject({ job: { id: 'x', tags: ['a'] }, end: 'completed', at: T + 5 });
    expect(owed?.value.job.payload).toBeUndefined();
    await knows.look(T + 5);
    expect(await heardBy(knows)).toEqual(['x completed {"n":1}']);
  });

  it('is told to each feature that it is owed to, and to no other', async () => {
    const { lacks } = await page();
    const first = await openWith(scene, witness('first'), witness('other'));
    const second = await openWith(scene, witness('another'), witness('second'));
    await lacks.enqueue(
      T,
      spec('x', { owes: ['first', 'second'] }),
      spec('y', { owes: ['second'] }),
      spec('z'),
    );
    const held = byId(await first.claim(T));
    await first.exchange(T, [
      [held('x'), complete()],
      [held('y'), complete()],
      [held('z'), complete()],
    ]);
    expect(await heardBy(lacks, 'first')).toEqual(['x completed']);
    expect(await heardBy(lacks, 'second')).toEqual([]);
    await second.look(T);
    expect(await heardBy(lacks, 'second')).toEqual(['x completed', 'y completed']);
    for (const none of ['other', 'another']) expect(await heardBy(lacks, none)).toEqual([]);
  });

  it('is owed by a newcomer as well as by the job whose place it takes', async () => {
    const { knows, lacks } = await page();
    const key = { idempotencyKey: 'k' };
    await knows.enqueue(T, owing('x', key));
    await lacks.enqueue(T, spec('y', { ...key, onDuplicate: 'replace', owes: ['second'] }));
    await lacks.settle(T, await lacks.claimOne(T), complete());
    expect(await owedRecords(lacks)).toEqual(['x', 'x']);
    await knows.look(T);
    expect(await heardBy(knows)).toEqual(['x completed']);
  });
}

function describeRedriven(page: Pages): void {
  it('is not heard of when the job was redriven before: it has none', async () => {
    const { knows, lacks } = await page();
    await knows.enqueue(T, owing('x'));
    await lacks.settle(T, await lacks.claimOne(T), bury());
    await lacks.redrive(T, 'x');
    await knows.look(T, { names: [] });
    expect(await heardBy(knows)).toEqual([]);
    await lacks.settle(T, await lacks.claimOne(T), complete());
    await knows.look(T);
    expect(await heardBy(knows)).toEqual(['x completed']);
  });

  it('is followed by what came after it, in order: it lives again, and ends again', async () => {
    const { knows, lacks } = await page();
    await knows.enqueue(T, owing('x'));
    await knows.settle(T, await knows.claimOne(T), bury());
    for (const end of [bury(), bury(), complete()]) {
      await lacks.redrive(T, 'x');
      await lacks.settle(T, await lacks.claimOne(T), end);
    }
    await knows.look(T);
    expect(await heardBy(knows)).toEqual(['x dead', 'x lives again', 'x completed']);
  });

  it('is heard after what is owed of the same job, also where both come in one exchange', async () => {
    const { knows, lacks } = await page();
    await knows.enqueue(T, owing('x'));
    await knows.settle(T, await knows.claimOne(T), bury());
    await lacks.redrive(T, 'x');
    const held = await lacks.claimOne(T);
    await knows.settle(T, held, complete());
    expect(await heardBy(knows)).toEqual(['x dead', 'x lives again', 'x completed']);
    await knows.enqueue(T, owing('y'));
    await lacks.settle(T, await lacks.claimOne(T), bury());
    await knows.redrive(T, 'y');
    expect((await heardBy(knows)).slice(3)).toEqual(['y dead', 'y lives again']);
  });
}

function describeTurns(scene: Scene, page: Pages): void {
  it('is worked off a hundred an exchange, which says that there is more', async () => {
    const { knows, lacks } = await page();
    await knows.enqueue(T, ...specs('x', 150, { owes }));
    const jobs = await lacks.claim(T, { limit: 150 });
    await lacks.exchange(
      T,
      jobs.map((job) => [job, complete()] as const),
    );
    expect((await knows.look(T)).nextAt).toBe(T);
    expect(await heardBy(knows)).toHaveLength(100);
    expect((await knows.look(T)).nextAt).toBeUndefined();
    expect(await heardBy(knows)).toHaveLength(150);
  });

  it('wakes others once, and nobody who lacks the feature', async () => {
    const { knows, lacks } = await page();
    await knows.enqueue(T, ...specs('x', 3, { owes }));
    const [first, second, third] = await lacks.claim(T);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('three are claimed');
    const settling = (held: typeof first) => lacks.exchange(T, [[held, complete()]]);
    expect((await settling(first)).owes).toBe(true);
    expect((await settling(second)).owes).toBeUndefined();
    expect((await lacks.look(T)).nextAt).toBe(third.job.lease?.until);
    await knows.look(T);
    expect((await settling(third)).owes).toBe(true);
  });

  it('costs a page that lacks it nothing to look at, and who is not owed anything nothing at all', async () => {
    const { knows, lacks } = await page();
    const cost = async () => {
      await knows.enqueue(T, spec('plain'));
      const before = scene.harness.steps();
      await lacks.settle(T, await lacks.claimOne(T), complete());
      const after = scene.harness.steps();
      return [after.read - before.read, after.written - before.written];
    };
    await cost();
    const before = await cost();
    await knows.enqueue(T, owing('x'));
    await lacks.settle(T, await lacks.claimOne(T), complete());
    expect(await cost()).toEqual(before);
    expect(await owedRecords(lacks)).toEqual(['x']);
  });
}
