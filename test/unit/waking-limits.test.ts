import { limits, memoryBacking, memoryStore, type Rate } from 'holdfast';
import { expect, it } from 'vitest';
import { featuresOf, NO_FEATURES } from '../../src/core/kernel/features.ts';
import { runSync } from '../../src/core/kernel/step.ts';
import { wakeAt } from '../../src/core/kernel/wake.ts';
import { spec, T } from '../../src/testing/conformance/spec.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';

const rate: Rate = { limit: 1, perMs: 1_000 };

/** A queue of three jobs, one of them claimed for 30 s, and when it is worth waking for the rest. */
async function claimedOne(known: { readonly maxActive?: number; readonly rate?: Rate }) {
  const backing = memoryBacking();
  const store = storeCalls(memoryStore({ backing }));
  await store.enqueue({ queue: 'sync', jobs: ['x', 'y', 'z'].map((id) => spec(id)) }, T);
  const names = { job: { version: 1, slots: 1, ...known } };
  const claim = { names, limit: 1, leaseMs: 30_000, idle: true };
  await store.exchange({ queue: 'sync', workerId: 'w', settle: [], claim }, T);
  const rows = backing.queues.get('sync');
  if (rows === undefined) throw new Error('the queue is not there');
  return (wanted: Parameters<typeof wakeAt>[1], now = T) => runSync(wakeAt(now, wanted)(rows));
}

it('an alarm comes at once for what is due and nothing keeps waiting', async () => {
  const wake = await claimedOne({});
  expect(wake({ names: { job: { version: 1 } } })).toBe(T);
});

it('an alarm is not set for jobs that a limit keeps waiting before the lease ends that keeps them so', async () => {
  const wake = await claimedOne({ maxActive: 1 });
  const under = (...said: Parameters<typeof limits>) =>
    wake({ names: { job: { version: 1 } }, features: featuresOf([limits(...said)]) });
  expect(under({ job: { maxActive: 1 } })).toBe(T + 30_000);
  expect(under({}, { maxActive: 1 })).toBe(T + 30_000);
  expect(under({ job: { maxActive: 2 } })).toBe(T);
});

it('an alarm for jobs that a rate keeps waiting is set for its next token', async () => {
  const wake = await claimedOne({ rate });
  const wanted = { names: { job: { version: 1 } }, features: featuresOf([limits({ job: { rate } })]) };
  expect(wake(wanted)).toBe(T + 1_000);
  expect(wake(wanted, 0)).toBe(T + 1_000);
});

it('an alarm comes at once when something has ended that others wait for, and somebody would run something', async () => {
  const backing = memoryBacking();
  const store = storeCalls(memoryStore({ backing }));
  const jobs = [spec('x', { delayMs: 5_000 }), spec('y', { dependsOn: { x: 'x' } })];
  await store.enqueue({ queue: 'sync', jobs }, T);
  // Its end is told by the next exchange: an enqueue drops it and tells nobody.
  await store.enqueue(
    { queue: 'sync', jobs: [spec('z', { delayMs: 9_000 })], maxDepth: 2, drops: 'oldest' },
    T,
  );
  const rows = backing.queues.get('sync');
  if (rows === undefined) throw new Error('the queue is not there');
  expect(runSync(wakeAt(T, { names: { job: { version: 1 } } })(rows))).toBe(T);
  expect(runSync(wakeAt(T, { names: {} })(rows))).toBeUndefined();
  // Nor who could not tell it.
  expect(runSync(wakeAt(T, { names: { job: { version: 1 } }, features: NO_FEATURES })(rows))).toBe(T + 9_000);
  await store.exchange({ queue: 'sync', workerId: 'w', settle: [] }, T);
  expect(await store.get({ queue: 'sync', id: 'y' })).toBeUndefined();
  expect(runSync(wakeAt(T, { names: { job: { version: 1 } } })(rows))).toBe(T + 9_000);
});
