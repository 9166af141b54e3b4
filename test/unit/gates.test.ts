import {
  count,
  drain,
  enqueueMany,
  type Gate,
  gates,
  get,
  hold,
  job,
  memoryBacking,
  pause,
  resume,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, pass, setScene } from './scene.ts';

/** A gate that is opened and closed by hand. */
function handGate(open: boolean) {
  const listeners = new Set<() => void>();
  const gate: Gate = {
    isOpen: () => open,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    gate,
    listeners,
    set(isOpen: boolean) {
      open = isOpen;
      for (const listener of listeners) listener();
    },
    setSilently(isOpen: boolean) {
      open = isOpen;
    },
  };
}

function working(gate: Gate, options: { readonly concurrency?: number } = {}) {
  const scene = setScene(
    { push: job<string>({ maxAttempts: 1 }), free: job<string>() },
    { use: [gates({ push: gate })] },
  );
  const ran: string[] = [];
  const errors: unknown[] = [];
  scene.queue.on('worker:error', ({ error }) => errors.push(error));
  const handler = (word: string) => void ran.push(word);
  const worker = work(scene.queue, { push: handler, free: handler }, options);
  return { ...scene, ran, errors, worker };
}

describe('a closed gate', () => {
  it('keeps its jobs waiting, and costs them no attempt', async () => {
    const { queue, environment, ran } = working(handGate(false).gate);
    const { id } = await queue.enqueue('push', 'x');
    await environment.advance(3_600_000);
    expect(ran).toEqual([]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', attempt: 1, failures: 0, crashes: 0 });
  });

  it('holds up no job of another name', async () => {
    const { queue, environment, ran } = working(handGate(false).gate, { concurrency: 1 });
    await queue.enqueue('push', 'gated', { priority: 'high' });
    await queue.enqueue('free', 'free');
    await environment.flush();
    expect(ran).toEqual(['free']);
  });

  it('that opens wakes the worker at once', async () => {
    const hand = handGate(false);
    const { queue, environment, ran } = working(hand.gate);
    await queue.enqueue('push', 'x');
    await environment.advance(10_000);
    hand.set(true);
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('that opens without a word is noticed within half a minute', async () => {
    const hand = handGate(false);
    const { queue, environment, ran } = working(hand.gate);
    await queue.enqueue('push', 'x');
    await environment.advance(10_000);
    hand.setSilently(true);
    await environment.advance(30_000);
    expect(ran).toEqual(['x']);
  });

  it('keeps no drain waiting', async () => {
    const { queue, environment } = setScene(
      { push: job<string>() },
      { use: [gates({ push: handGate(false).gate })] },
    );
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 0 });
  });

  it('aborts no handler that runs', async () => {
    const hand = handGate(true);
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: hand.gate })] });
    await queue.enqueue('push', 'x');
    let aborted: boolean | undefined;
    work(queue, {
      push: (_, { signal }) =>
        pass(environment, 100).then(() => {
          aborted = signal.aborted;
        }),
    });
    await environment.advance(50);
    hand.set(false);
    await environment.advance(100);
    expect(aborted).toBe(false);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('gives back what was claimed and has not begun, in its place', async () => {
    const hand = handGate(true);
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: hand.gate })] });
    const words = Array.from({ length: 60 }, (_, i) => `${i}`);
    await enqueueMany(
      queue,
      words.map((payload) => ({ name: 'push', payload })),
    );
    const ran: string[] = [];
    work(queue, { push: (word) => pass(environment, 1).then(() => ran.push(word)) }, { concurrency: 1 });
    await environment.advance(25);
    expect((await count(queue)).active).toBeGreaterThan(1);
    hand.set(false);
    const atMost = ran.length + 1;
    await environment.advance(1_000);
    expect(ran.length).toBeLessThanOrEqual(atMost);
    expect(await count(queue)).toMatchObject({ active: 0, pending: 60 - ran.length });
    hand.set(true);
    await environment.advance(1_000);
    expect(ran).toEqual(words);
  });
});

describe('a gate that is open when asked for jobs and closed when they are to begin', () => {
  /** Open when the worker looks for jobs, closed when the first is to begin. */
  function flickering() {
    let asked = 0;
    const hand = handGate(true);
    const state = { steady: false };
    const gate: Gate = { ...hand.gate, isOpen: () => state.steady || asked++ % 2 === 0 };
    return { ...working(gate), hand, state };
  }

  it('is asked less and less often', async () => {
    const { queue, environment, store, ran } = flickering();
    const { id } = await queue.enqueue('push', 'x');
    await environment.advance(1_000);
    expect(store.callsOf('exchange')).toBeLessThan(12);
    const before = store.callsOf('exchange');
    await environment.advance(3_600_000);
    expect(store.callsOf('exchange') - before).toBeLessThan(500);
    expect(ran).toEqual([]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', attempt: 1, failures: 0, crashes: 0 });
  });

  it('holds up no job of another name', async () => {
    const { queue, environment, ran } = flickering();
    await queue.enqueue('push', 'x');
    await environment.advance(600_000);
    await queue.enqueue('free', 'y');
    await environment.flush();
    expect(ran).toEqual(['y']);
  });

  it('runs its jobs at once when it says that it has changed', async () => {
    const { queue, environment, ran, hand, state } = flickering();
    await queue.enqueue('push', 'x');
    await environment.advance(600_000);
    state.steady = true;
    hand.set(true);
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('runs its jobs within half a minute when it is open without a word', async () => {
    const { queue, environment, ran, state } = flickering();
    await queue.enqueue('push', 'x');
    await environment.advance(600_000);
    state.steady = true;
    await environment.advance(30_000);
    expect(ran).toEqual(['x']);
  });

  it('leaves no timer behind when its worker stops', async () => {
    const { queue, environment, worker } = flickering();
    await queue.enqueue('push', 'x');
    await environment.advance(10_000);
    const stopped = worker.stop();
    await environment.flush();
    await ended(stopped);
    expect(environment.timers).toBe(0);
  });

  it('keeps no drain waiting', async () => {
    const { queue, environment, worker } = flickering();
    await worker.stop();
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 0, released: 1 });
    expect(environment.timers).toBe(0);
  });
});

describe('a gate that throws', () => {
  const broken = () => {
    throw new Error('the gate is broken');
  };

  it('when asked is closed', async () => {
    const hand = handGate(true);
    const { queue, environment, ran } = working({ ...hand.gate, isOpen: broken });
    await queue.enqueue('push', 'x');
    await queue.enqueue('free', 'y');
    await environment.advance(60_000);
    expect(ran).toEqual(['y']);
    expect(await count(queue)).toMatchObject({ pending: 1, dead: 0 });
  });

  it('when subscribed to is told, and still looked at', async () => {
    const { queue, environment, store } = setScene(
      { push: job<string>() },
      { use: [gates({ push: { isOpen: () => true, subscribe: broken } })] },
    );
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    await queue.enqueue('push', 'x');
    const ran: string[] = [];
    const worker = work(queue, { push: (word) => void ran.push(word) });
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(errors).toMatchObject([{ message: 'the gate is broken' }]);
    const stopped = worker.stop();
    await environment.flush();
    await ended(stopped);
    expect(store.callsOf('exchange')).toBeGreaterThan(0);
    expect(environment.timers).toBe(0);
  });

  it('when its subscription ends is told, and keeps no worker from stopping', async () => {
    const { environment, worker, errors } = working({ isOpen: () => true, subscribe: () => broken });
    const stopped = worker.stop();
    await environment.flush();
    await ended(stopped);
    expect(errors).toMatchObject([{ message: 'the gate is broken' }]);
  });
});

it('a gate is subscribed to by each worker once, and let go when it stops', async () => {
  const hand = handGate(true);
  const { queue, environment } = setScene(
    { one: job(), two: job() },
    { use: [gates({ one: hand.gate, two: hand.gate })] },
  );
  const worker = work(queue, { one: deaf });
  expect(hand.listeners.size).toBe(1);
  const stopped = worker.stop();
  await environment.flush();
  await ended(stopped);
  expect(hand.listeners.size).toBe(0);
});

describe('a job that nobody here can run stays pending', () => {
  it('when no handler is given for its name', async () => {
    const jobs = { push: job<string>(), other: job<string>() };
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('other', 'x');
    work(queue, { push: () => {} });
    await environment.advance(3_600_000);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
  });

  it('when its name is of a newer app: that one runs it', async () => {
    const backing = memoryBacking();
    const old = setScene({ push: job<string>() }, { backing });
    const { environment } = old;
    const anew = setScene({ push: job<string>(), later: job<string>() }, { backing, environment });
    const { id } = await anew.queue.enqueue('later', 'x');
    work(old.queue, { push: () => {} });
    await environment.advance(60_000);
    expect(await get(old.queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0 });
    const ran: string[] = [];
    work(anew.queue, { later: (word) => void ran.push(word) });
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('when its payload is of a newer version, and older payloads run', async () => {
    const backing = memoryBacking();
    const old = setScene({ push: job<string>({ version: 1 }) }, { backing });
    const { environment } = old;
    const anew = setScene({ push: job<string>({ version: 2 }) }, { backing, environment });
    const { id } = await anew.queue.enqueue('push', 'new');
    await old.queue.enqueue('push', 'old');
    const ran: [string, number][] = [];
    const push = (word: string, { job: { version } }: { job: { version: number } }) =>
      void ran.push([word, version]);
    work(old.queue, { push });
    await environment.advance(60_000);
    expect(ran).toEqual([['old', 1]]);
    expect(await get(old.queue, id)).toMatchObject({ state: 'pending', failures: 0, version: 2 });
    await old.queue.enqueue('push', 'older');
    work(anew.queue, { push });
    await environment.flush();
    expect(ran.map(([word]) => word).toSorted()).toEqual(['new', 'old', 'older']);
  });

  it('while its queue is paused, and runs when it is resumed', async () => {
    const { queue, environment } = setScene({ push: job<string>() });
    const told: string[] = [];
    queue.on('queue:paused', () => told.push('paused'));
    queue.on('queue:resumed', () => told.push('resumed'));
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await pause(queue);
    await queue.enqueue('push', 'x');
    await environment.advance(60_000);
    expect(ran).toEqual([]);
    expect(await count(queue)).toMatchObject({ paused: true, pending: 1 });
    await resume(queue);
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(told).toEqual(['paused', 'resumed']);
  });

  it('while its name is held, and runs at that instant', async () => {
    const { queue, environment, elapsed } = setScene({ push: job<string>(), other: job<string>() });
    await hold(queue, 'push', new Date(environment.now() + 5_000));
    await hold(queue, 'push', environment.now() + 1_000);
    await queue.enqueue('push', 'held');
    await queue.enqueue('other', 'free');
    const ran: [string, number][] = [];
    const handler = (word: string) => void ran.push([word, elapsed()]);
    work(queue, { push: handler, other: handler });
    await environment.advance(10_000);
    expect(ran).toEqual([
      ['free', 0],
      ['held', 5_000],
    ]);
  });
});

describe('gates refuses at once', () => {
  it.each<[string, unknown, string]>([
    ['no object', null, 'gates is null: expected an object of gates by job name'],
    [
      'what is no gate',
      { push: { isOpen: () => true } },
      'gates["push"] is an object: expected an object with isOpen()',
    ],
    ['a missing one', { push: undefined }, 'gates["push"] is undefined: expected an object with isOpen()'],
  ])('%s', (_, by, message) => {
    expect(() => gates(by as never)).toThrow(message);
  });

  it('with its queue, the name of a job that is not defined', () => {
    const use = [gates({ pull: handGate(true).gate })];
    const refused = expect.objectContaining({ code: 'UnknownJob' });
    expect(() => setScene({ push: job<string>() }, { use })).toThrow(refused);
  });
});
