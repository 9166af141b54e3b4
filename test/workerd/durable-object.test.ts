import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Store } from '../../src/core/kernel/store.ts';
import { durableObjectStore } from '../../src/stores/durable-object/index.ts';
import { describeJobStore, type StoreHarness } from '../../src/testing/conformance/index.ts';
import { spec, T } from '../../src/testing/conformance/spec.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { FailingDisk } from './failing-disk.ts';

/** A store lives in its object, so every call goes into it. */
async function freshObject(): Promise<StoreHarness> {
  const stub = env.PLAIN.get(env.PLAIN.newUniqueId());
  const steps = { read: 0, written: 0 };
  const disk = new FailingDisk();
  return {
    open: async () => {
      const store = await runInDurableObject(stub, (_object, state) =>
        durableObjectStore(disk.under(state), { onStep: (kind, rows) => (steps[kind] += rows) }),
      );
      return new Proxy(store, {
        get: (target, name) => {
          const method = target[name as keyof Store] as ((...given: unknown[]) => unknown) | undefined;
          if (typeof method !== 'function') return method;
          return (...given: unknown[]) => runInDurableObject(stub, () => method(...given));
        },
      });
    },
    steps: () => ({ ...steps }),
    loseRows: async (queue, ids) => disk.lose(queue, ids),
    failReads: async () => {
      disk.isDown = true;
      return async () => {
        disk.isDown = false;
      };
    },
    dispose: async () => {},
  };
}

describeJobStore('Durable Object', freshObject, { losesRows: true });

it('a store opened twice in one object takes no job from a worker of the other that lives, and each from one that is gone', () =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), async (_object, state) => {
    const [a, b] = [storeCalls(durableObjectStore(state)), storeCalls(durableObjectStore(state))];
    const letGo = await a.signOfLife?.('one');
    await a.enqueue({ queue: 'q', jobs: [spec('x')] }, T);
    const claim = { names: { job: { version: 1, slots: 1 } }, limit: 1, leaseMs: 3_600_000, idle: true };
    await a.exchange({ queue: 'q', workerId: 'one', settle: [], claim }, T);
    expect(await b.reclaim({ queue: 'q', limit: 10 }, T)).toMatchObject({ reclaimed: [] });
    letGo?.();
    expect(await b.reclaim({ queue: 'q', limit: 10 }, T)).toMatchObject({ reclaimed: ['x'] });
  }));

it('the store says how many bytes its object holds', () =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), async (_object, state) => {
    const store = storeCalls(durableObjectStore(state));
    await store.enqueue({ queue: 'q', jobs: [spec('x')] }, T);
    expect(await store.health?.()).toEqual({ usage: state.storage.sql.databaseSize, missing: [] });
    expect(state.storage.sql.databaseSize).toBeGreaterThan(0);
  }));
