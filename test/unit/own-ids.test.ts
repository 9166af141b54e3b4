import {
  batch,
  createQueue,
  type EnqueueAnswer,
  type EnqueueOptions,
  enqueueFlow,
  enqueueMany,
  job,
  prepare,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { everyFeature } from '../../src/testing/every-feature.ts';
import { setScene } from './scene.ts';

const jobs = { push: job<string>(), parent: job<null>() };
const KEY = { idempotencyKey: 'k' } as const;

/** A working queue whose only keyed job waits for a while. */
async function working() {
  const scene = setScene(jobs, { use: everyFeature() });
  const ran: string[] = [];
  scene.store.join = () => scene.store.transact;
  let chain: EnqueueOptions | undefined;
  work(scene.queue, {
    push: (text) => void ran.push(text),
    parent: (_, { enqueue }) => void enqueue('push', 'mine', chain as EnqueueOptions),
  });
  await scene.queue.enqueue('push', 'waits', { ...KEY, delayMs: 1_000 });
  const chained = async (options: EnqueueOptions): Promise<undefined> => {
    chain = options;
    await scene.queue.enqueue('parent', null);
    await scene.environment.flush();
  };
  return { ...scene, ran, chained };
}

type Working = Awaited<ReturnType<typeof working>>;
type Path = (scene: Working, options: EnqueueOptions) => Promise<EnqueueAnswer | undefined>;

const item = (options: EnqueueOptions) => ({ name: 'push' as const, payload: 'mine', ...options });

const PATHS: Readonly<Record<string, Path>> = {
  enqueue: ({ queue }, options) => queue.enqueue('push', 'mine', options),
  enqueueMany: async ({ queue }, options) => (await enqueueMany(queue, [item(options)]))[0],
  'enqueueMany of an iterable': async ({ queue }, options) =>
    void (await enqueueMany(queue, new Set([item(options)]), {})),
  'batch.add': async ({ queue }, options) => {
    const opened = await batch(queue, { id: 'b' });
    await opened.add([item(options)]);
    return undefined;
  },
  enqueueFlow: async ({ queue }, options) => (await enqueueFlow(queue, { step: item(options) })).step,
  'prepare and addTo': async ({ queue }, options) =>
    (await prepare(queue, 'push', 'mine', options)).addTo({}).committed,
  'a page that only enqueues': ({ store, environment }, options) =>
    createQueue({ name: 'sync', jobs, store, environment }).enqueue('push', 'mine', options),
  'a handler’s enqueue': ({ chained }, options) => chained(options),
};

describe('an id of the caller’s own whose first call was answered with another job', () => {
  for (const onDuplicate of ['keep', 'replace'] as const)
    it.each(Object.entries(PATHS))(`is no second run by %s (${onDuplicate})`, async (_, path) => {
      const scene = await working();
      const options: EnqueueOptions = { ...KEY, id: 'mine', onDuplicate };
      const first = await path(scene, options);
      if (first !== undefined) expect(first.status).toBe(onDuplicate === 'keep' ? 'duplicate' : 'replaced');
      await scene.environment.advance(2_000);
      const once = [onDuplicate === 'keep' ? 'waits' : 'mine'];
      expect(scene.ran).toEqual(once);
      const again = await path(scene, options);
      if (again !== undefined) expect(again).toEqual({ id: first?.id, status: 'duplicate' });
      await scene.environment.advance(2_000);
      expect(scene.ran).toEqual(once);
    });

  it('is one job by whatever path the repeat comes', async () => {
    const scene = await working();
    const options = { ...KEY, id: 'mine', onDuplicate: 'replace' } as const;
    await scene.queue.enqueue('push', 'mine', options);
    await scene.environment.advance(2_000);
    for (const path of Object.values(PATHS)) await path(scene, options);
    await scene.environment.advance(2_000);
    expect(scene.ran).toEqual(['mine']);
  });

  it('is free after dedupeMs', async () => {
    const scene = await working();
    const options = { ...KEY, id: 'mine' };
    await scene.queue.enqueue('push', 'mine', options);
    await scene.environment.advance(3_601_001);
    expect(await scene.queue.enqueue('push', 'mine', options)).toEqual({ id: 'mine', status: 'enqueued' });
  });
});
