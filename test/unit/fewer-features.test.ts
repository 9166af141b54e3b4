import { type Feature, flows, memoryBacking, memoryStore, results } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { featuresOf, NO_FEATURES } from '../../src/core/kernel/features.ts';
import { mendQueue } from '../../src/core/kernel/mend.ts';
import type { Mended, Rows } from '../../src/core/kernel/rows.ts';
import { read, runSync } from '../../src/core/kernel/step.ts';
import { wakeAt } from '../../src/core/kernel/wake.ts';
import { Opening } from '../../src/testing/conformance/opening.ts';
import { QUEUE } from '../../src/testing/conformance/scene.ts';
import { fire, put, SECOND, tick } from '../../src/testing/conformance/schedule-scene.ts';
import { after, complete, spec, T } from '../../src/testing/conformance/spec.ts';
import { heardBy, witness } from '../../src/testing/conformance/witness.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';

const owes = ['witness'];
const needs = ['witness'];

/** A page that has the feature and one that lacks it, over the same rows. */
function pages(feature: Feature = witness()) {
  const backing = memoryBacking();
  const page = (...use: Parameters<typeof storeCalls>[1] & object[]) =>
    new Opening(storeCalls(memoryStore({ backing }), use), QUEUE);
  const rows = (): Rows => {
    const found = backing.queues.get(QUEUE);
    if (found === undefined) throw new Error('the queue is not there');
    return found;
  };
  return { has: page(feature), lacks: page(), rows };
}

describe('an alarm', () => {
  const names = { job: { version: 1 } };
  const has = { names, features: featuresOf([witness()]) };
  const lacks = { names, features: NO_FEATURES };

  it('comes for what needs a feature where that is, waiting or running, and never where it is not', async () => {
    const { has: page, rows } = pages();
    await page.enqueue(T, spec('x', { needs, delayMs: 50 }));
    expect(runSync(wakeAt(T, has)(rows()))).toBe(T + 50);
    expect(runSync(wakeAt(T, lacks)(rows()))).toBeUndefined();
    await page.claimOne(T + 50);
    expect(runSync(wakeAt(T, has)(rows()))).toBe(T + 50 + 30_000);
    expect(runSync(wakeAt(T, lacks)(rows()))).toBeUndefined();
  });

  it('comes at once for an end that is owed to a feature where that is, and never where it is not', async () => {
    const { has: page, lacks: other, rows } = pages();
    await page.enqueue(T, spec('x', { owes }));
    await other.settle(T, await other.claimOne(T), complete());
    expect(runSync(wakeAt(T, has)(rows()))).toBe(T);
    expect(runSync(wakeAt(T, lacks)(rows()))).toBeUndefined();
    await page.look(T);
    expect(runSync(wakeAt(T, has)(rows()))).toBeUndefined();
  });
});

describe('a queue of which something cannot be read', () => {
  const mend = (rows: Rows, lost: Partial<Mended>) => {
    const all = { control: false, claims: false, records: [], ...lost };
    runSync(mendQueue(Object.assign(rows, { mend: () => all })));
  };

  it('knows from its schedules what their jobs owe, once a page fires them', async () => {
    const { has, lacks, rows } = pages(results());
    await put(has, T, 's', { job: { keepResultMs: 60_000 } });
    mend(rows(), { control: true });
    await fire(lacks, T + SECOND, tick(T + SECOND));
    const job = await lacks.claimOne(T + SECOND);
    await lacks.settle(T + SECOND, job, { kind: 'complete', result: { value: 7 } });
    await has.look(T + SECOND);
    expect(await has.job(`s@${T + SECOND}`)).toMatchObject({ state: 'completed', result: 7 });
  });

  it('knows from its jobs and records what is owed to whom, and what needs which feature', async () => {
    const { has, lacks, rows } = pages();
    await has.enqueue(T, spec('x', { owes }), spec('y', { needs, owes: ['other'] }), spec('z'));
    const [x, z] = await lacks.claim(T);
    if (x === undefined || z === undefined) throw new Error('two are claimed');
    await lacks.settle(T, x, complete());
    mend(rows(), { control: true });
    expect(runSync(read(rows().control()))).toMatchObject({
      owed: ['witness'],
      owing: ['other'],
      pending: 1,
      active: 1,
    });
    expect(await lacks.claimIds(T)).toEqual([]);
    expect(await has.claimIds(T)).toEqual(['y']);
    expect(await heardBy(has)).toEqual(['x completed']);
  });

  it('buries what an abandoned feature has parked, and whose row does not say so', async () => {
    const { has, lacks, rows } = pages(flows());
    await has.enqueue(T, spec('x', { lane: 'doc' }), spec('z', { lane: 'doc' }), after('y', ['x']));
    for (const id of ['y', 'z']) {
      const found = runSync(read(rows().find(id)));
      if (found?.at === 'parked') rows().park({ ...found.row, damage: { why: 'a test', raw: undefined } });
    }
    await lacks.abandon(T, 'results');
    expect(await lacks.listIds('dead')).toEqual([]);
    await lacks.abandon(T, 'flows');
    expect(await lacks.listIds('dead')).toEqual(['y']);
    expect(await lacks.count()).toMatchObject({ pending: 2, dead: 1 });
  });

  it('has the feature hear of a job whose record was lost that it is not known how it ended', async () => {
    const { has, lacks, rows } = pages();
    await has.enqueue(T, spec('x', { owes }));
    await lacks.settle(T, await lacks.claimOne(T), complete());
    const found = runSync(read(rows().recordsAfter('owed', '', 9)));
    for (const { key } of found) rows().dropRecord('owed', key);
    mend(rows(), { records: found.map(({ key }) => ({ kind: 'owed', key })) });
    await has.look(T);
    expect(await heardBy(has)).toEqual(['x damaged']);
  });

  it('owes the end of a job whose row does not say so to each feature to which any was owed', async () => {
    const { has, lacks, rows } = pages();
    const order = { lane: 'doc' };
    await has.enqueue(T, spec('other', { owes }), spec('x', order), spec('y', { ...order, owes }));
    for (const id of ['x', 'y']) {
      const row = runSync(read(rows().find(id)));
      if (row?.at === 'jobs')
        rows().moveJob(row.row, { ...row.row, damage: { why: 'a test', raw: undefined } });
      else if (row?.at === 'parked') rows().park({ ...row.row, damage: { why: 'a test', raw: undefined } });
    }
    await lacks.look(T);
    expect(await lacks.listIds('dead')).toEqual(['x', 'y']);
    expect(await heardBy(has)).toEqual([]);
    await has.look(T);
    expect(await heardBy(has)).toEqual(['x damaged', 'y damaged']);
  });
});
