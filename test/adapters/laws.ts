import { createQueue, defineJobs, type Job, job, memoryStore, type Queue, type Store, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

export const jobs = defineJobs({ push: job<string>({ maxAttempts: 1 }), other: job<number>() });
export type Jobs = typeof jobs;

/** What each framework reads of a queue. */
export interface Readings {
  readonly counts: { readonly pending: number } | undefined;
  readonly job: { readonly data: Job | undefined; readonly error: unknown; readonly isPending: boolean };
  readonly pushes: { readonly data: { readonly jobs: readonly Job[] } | undefined };
  readonly dead: { readonly data: { readonly jobs: readonly Job[] } | undefined };
  readonly save: { readonly data: object | undefined; readonly error: unknown; readonly isPending: boolean };
}

/** What a component shows of them. */
export const shownOf = ({ counts, job: one, pushes, dead, save }: Readings) => ({
  pending: counts?.pending ?? 'unread',
  job: one.data?.state ?? (one.error ? String(one.error) : one.isPending ? 'unread' : 'none'),
  pushes: pushes.data?.jobs.map(({ payload }) => payload).join() ?? 'unread',
  dead: dead.data?.jobs.map(({ payload }) => payload).join() ?? 'unread',
  save: save.isPending ? 'saving' : save.error ? String(save.error) : save.data ? 'saved' : 'idle',
});

/** A component that is there, and shows `shownOf`. */
export interface Mounted {
  shown(): ReturnType<typeof shownOf>;
  setId(id: string | undefined): void;
  enqueue(payload: string): Promise<unknown>;
  redrive(id: string): Promise<unknown>;
  unmount(): void;
}

export type Mount = (queue: Queue<Jobs>, id: string | undefined) => Mounted;

/** A queue of a test, whose calls of the store are counted. */
export function openQueue() {
  const environment = fakeEnvironment();
  const inner = memoryStore();
  let calls = 0;
  const store: Store = Object.assign(Object.create(inner), {
    transact: (...args: Parameters<Store['transact']>) => {
      calls += 1;
      return inner.transact(...args);
    },
  });
  const queue = createQueue({ name: 'sync', jobs, store, environment });
  return { queue, environment, calls: () => calls };
}

/** Lets time pass until it is so. */
export async function shows(
  environment: ReturnType<typeof openQueue>['environment'],
  mounted: Mounted,
  wanted: object,
): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await environment.advance(50);
    try {
      expect(mounted.shown()).toMatchObject(wanted);
      return;
    } catch {}
  }
  expect(mounted.shown()).toMatchObject(wanted);
}

/** What holds in each framework. */
export function laws(framework: string, mount: Mount): void {
  describe(`a queue in ${framework}`, () => {
    const said: unknown[] = [];
    beforeEach(() => {
      said.length = 0;
      for (const method of ['error', 'warn'] as const)
        vi.spyOn(console, method).mockImplementation((...args) => void said.push(args));
    });
    afterEach(() => {
      vi.restoreAllMocks();
      expect(said).toEqual([]);
    });

    it('shows nothing before it is read, then what is there, then what changes', async () => {
      const { queue, environment } = openQueue();
      const { id } = await queue.enqueue('push', 'a');
      const mounted = mount(queue, id);
      expect(mounted.shown()).toMatchObject({ pending: 'unread', job: 'unread', pushes: 'unread' });
      await shows(environment, mounted, { pending: 1, job: 'pending', pushes: 'a', dead: '' });
      await queue.enqueue('push', 'b');
      await shows(environment, mounted, { pending: 2, pushes: 'a,b' });
      const worker = work(queue, { push: () => {} });
      await shows(environment, mounted, { pending: 0, job: 'none', pushes: '' });
      await worker.stop();
      mounted.unmount();
    });

    it('shows another job when it is asked for another, and reads none without an id', async () => {
      const { queue, environment } = openQueue();
      const { id } = await queue.enqueue('push', 'a', { delayMs: 1_000_000 });
      const mounted = mount(queue, undefined);
      await shows(environment, mounted, { pending: 1, job: 'none' });
      mounted.setId(id);
      await shows(environment, mounted, { job: 'pending' });
      mounted.setId('nobody');
      await shows(environment, mounted, { job: 'none' });
      mounted.unmount();
    });

    it('shows dead letters, and puts one back', async () => {
      const { queue, environment } = openQueue();
      const { id } = await queue.enqueue('push', 'a');
      const mounted = mount(queue, id);
      const worker = work(queue, { push: () => Promise.reject(new Error('no')) });
      await shows(environment, mounted, { dead: 'a', job: 'dead' });
      await worker.stop();
      expect(await mounted.redrive(id)).toBe('redriven');
      await shows(environment, mounted, { dead: '', job: 'pending', pushes: 'a' });
      mounted.unmount();
    });

    it('enqueues, and says what becomes of the call', async () => {
      const { queue, environment } = openQueue();
      const mounted = mount(queue, undefined);
      await shows(environment, mounted, { pending: 0, save: 'idle' });
      const saving = mounted.enqueue('a');
      await shows(environment, mounted, { save: 'saved', pushes: 'a' });
      expect(await saving).toMatchObject({ status: 'enqueued' });
      expect(await mounted.enqueue((() => {}) as never)).toBe(undefined);
      await shows(environment, mounted, { save: expect.stringMatching(/^PayloadError/) });
      mounted.unmount();
    });

    it('shows what fails, and what is there as soon as that is read again', async () => {
      const { queue, environment } = openQueue();
      const { id } = await queue.enqueue('push', 'a');
      const mounted = mount(queue, id);
      await shows(environment, mounted, { job: 'pending' });
      await queue.close();
      mounted.unmount();
      const late = mount(queue, id);
      await shows(environment, late, { job: expect.stringMatching(/^StoreClosedError/) });
      late.unmount();
    });

    it('reads nothing more once it is gone, and what was under way comes to nothing', async () => {
      const { queue, environment, calls } = openQueue();
      const { id } = await queue.enqueue('push', 'a');
      const mounted = mount(queue, id);
      await shows(environment, mounted, { job: 'pending' });
      const saving = mounted.enqueue('b');
      mounted.unmount();
      const last = mounted.shown();
      expect(await saving).toMatchObject({ status: 'enqueued' });
      const read = calls();
      await queue.enqueue('push', 'c');
      await environment.advance(1_000);
      expect(calls()).toBe(read + 1);
      expect(mounted.shown()).toEqual(last);
      expect(environment.timers).toBe(0);
    });

    it('shows the truth when it is there again, as after a module was replaced', async () => {
      const { queue, environment } = openQueue();
      const { id } = await queue.enqueue('push', 'a');
      const first = mount(queue, id);
      await shows(environment, first, { pending: 1, pushes: 'a' });
      first.unmount();
      await queue.enqueue('push', 'b');
      const second = mount(queue, id);
      await shows(environment, second, { pending: 2, pushes: 'a,b' });
      second.unmount();
    });
  });
}
