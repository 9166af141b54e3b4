import { setTimeout as wait } from 'node:timers/promises';
import type { Bill } from '../durable-object/deed.ts';
import { heldObject } from '../durable-object/line-up.ts';
import { Workerd } from '../durable-object/workerd.ts';
import { bundleWith } from './build.ts';
import type { Figure } from './pair.ts';
import type { Part } from './part.ts';

const FULL = { jobs: 4_000, singles: 1_000, metered: 1_000 };
const QUICK = { jobs: 300, singles: 100, metered: 100 };
const BATCH = 100;
/** Until an alarm that has done everything has ended. */
const ALARM_END_MS = 300;

const OBJECT = new URL('../durable-object/objects/either-face.ts', import.meta.url);

/** A process of workerd for each run, warmed up there. */
export const durableObjectPairs: Part = async (builds, { quick }, paired) => {
  const plan = quick ? QUICK : FULL;
  const bundle = (side: 'this' | 'base') =>
    bundleWith(builds[side], OBJECT, {
      conditions: ['workerd', 'worker', 'browser'],
      external: ['cloudflare:*', 'node:*'],
    });
  const code = { this: await bundle('this'), base: await bundle('base') };
  const run = (side: 'this' | 'base') => async () => {
    const workerd = await Workerd.start(side, code[side]);
    try {
      await wholeLife(workerd, plan.jobs);
      await singles(workerd, plan.singles);
      return [
        ...(await wholeLife(workerd, plan.jobs)),
        ...(await singles(workerd, plan.singles)),
        ...(await rows(workerd, plan.metered)),
      ];
    } finally {
      await workerd.close();
    }
  };
  await paired('Durable Object', { this: run('this'), base: run('base') });
};

const rate = (name: string, jobs: number, ms: number): Figure => ({
  name: `Durable Object, ${name}`,
  unit: 'jobs/s',
  better: 'more',
  value: jobs / (ms / 1_000),
});

/** Batches by RPC, and then the alarm until all are done. */
async function wholeLife(workerd: Workerd, count: number): Promise<Figure[]> {
  const object = await heldObject(workerd);
  const start = performance.now();
  const jobs = { first: 0, count, act: 'nothing' } as const;
  await object.ask({ do: 'batches', jobs, size: BATCH, concurrency: 4 });
  const enqueued = performance.now();
  await object.ask({ do: 'drain', count, empty: true });
  const drained = performance.now();
  await object.discard();
  return [
    rate(`enqueue, ${BATCH} a batch`, count, enqueued - start),
    rate('drain', count, drained - enqueued),
    rate('whole life', count, drained - start),
  ];
}

async function singles(workerd: Workerd, count: number): Promise<Figure[]> {
  const object = await heldObject(workerd);
  const start = performance.now();
  await object.ask({ do: 'singles', jobs: { first: 0, count, act: 'nothing' }, concurrency: 64 });
  const ms = performance.now() - start;
  await object.discard();
  return [rate('enqueue singly, 64 in flight', count, ms)];
}

/** What the platform bills of a whole life. */
async function rows(workerd: Workerd, count: number): Promise<Figure[]> {
  const object = await heldObject(workerd);
  await object.ask({ do: 'meter' });
  const jobs = { first: 0, count, act: 'nothing' } as const;
  await object.ask({ do: 'batches', jobs, size: BATCH, concurrency: 1 });
  await object.ask({ do: 'drain', count, empty: true });
  await wait(ALARM_END_MS);
  const bill = (await object.ask({ do: 'bill' })) as Bill;
  await object.discard();
  const perJob = (name: string, value: number): Figure => ({
    name: `Durable Object, rows ${name}`,
    unit: 'rows/job',
    better: 'less',
    value: value / count,
    counted: true,
  });
  return [perJob('read', bill.rowsRead), perJob('written', bill.rowsWritten + bill.alarmsSet)];
}
