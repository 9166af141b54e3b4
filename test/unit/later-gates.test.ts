import { drain, enqueueMany, type Gate, gates, get, job, memoryBacking, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, latch, pass, setScene } from './scene.ts';

/** A gate that answers by a promise, as `answer` says; counts how often it is asked. */
function laterGate(answer: () => Promise<boolean>) {
  const listeners = new Set<() => void>();
  const asked = { times: 0 };
  const gate: Gate = {
    isOpen() {
      asked.times += 1;
      return answer();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const change = () => {
    for (const listener of listeners) listener();
  };
  return { gate, asked, change };
}

function working(gate: Gate) {
  const scene = setScene(
    { push: job<string>({ maxAttempts: 1 }), free: job<string>() },
    { use: [gates({ push: gate })] },
  );
  const ran: string[] = [];
  const errors: unknown[] = [];
  scene.queue.on('worker:error', ({ error }) => errors.push(error));
  const handler = (word: string) => void ran.push(word);
  const worker = work(scene.queue, { push: handler, free: handler });
  return { ...scene, ran, errors, worker };
}

const never = () => new Promise<never>(() => {});

describe('a gate that answers later', () => {
  it('lets its jobs run once it has said that it is open', async () => {
    const answer = latch<boolean>();
    const { queue, environment, ran } = working(laterGate(() => answer.promise).gate);
    await queue.enqueue('push', 'x');
    await environment.advance(1_000);
    expect(ran).toEqual([]);
    answer.open(true);
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('keeps no job of another name waiting, not even while it is asked', async () => {
    const { queue, environment, ran } = working(laterGate(never).gate);
    await queue.enqueue('push', 'gated', { priority: 'high' });
    await queue.enqueue('free', 'free');
    await environment.flush();
    expect(ran).toEqual(['free']);
  });

  it('costs its jobs no attempt while it is closed', async () => {
    const { queue, environment, ran } = working(laterGate(async () => false).gate);
    const { id } = await queue.enqueue('push', 'x');
    await environment.advance(3_600_000);
    expect(ran).toEqual([]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', attempt: 1, failures: 0, crashes: 0 });
  });

  it('that says that it has changed is asked at once, and is closed until it answers', async () => {
    let answer = Promise.resolve(false);
    const { gate, change } = laterGate(() => answer);
    const { queue, environment, ran } = working(gate);
    await queue.enqueue('push', 'a');
    await environment.advance(1_000);
    answer = Promise.resolve(true);
    change();
    await environment.flush();
    expect(ran).toEqual(['a']);
    const slow = latch<boolean>();
    answer = slow.promise;
    change();
    await queue.enqueue('push', 'b');
    await environment.advance(1_000);
    expect(ran).toEqual(['a']);
    slow.open(true);
    await environment.flush();
    expect(ran).toEqual(['a', 'b']);
  });

  it('that changes without a word is noticed within half a minute', async () => {
    let open = false;
    const { queue, environment, ran } = working(laterGate(async () => open).gate);
    await queue.enqueue('push', 'x');
    await environment.advance(10_000);
    open = true;
    await environment.advance(30_000);
    expect(ran).toEqual(['x']);
  });

  it('is asked at most every 5 s, however many jobs come by', async () => {
    const { gate, asked } = laterGate(async () => true);
    const { queue, environment, ran } = working(gate);
    for (let i = 0; i < 100; i++) {
      await queue.enqueue('push', `${i}`);
      await environment.advance(100);
    }
    expect(ran).toHaveLength(100);
    expect(asked.times).toBeLessThanOrEqual(3);
  });

  it('goes on with its last answer while it is asked again', async () => {
    let answer: Promise<boolean> = Promise.resolve(true);
    const { queue, environment, ran } = working(laterGate(() => answer).gate);
    await queue.enqueue('push', 'a');
    await environment.advance(6_000);
    answer = never();
    await queue.enqueue('push', 'b');
    await environment.advance(1_000);
    await queue.enqueue('push', 'c');
    await environment.flush();
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('counts by its last question: an answer that comes after a change is none', async () => {
    const answers = [latch<boolean>(), latch<boolean>()];
    let asked = 0;
    const { gate, change } = laterGate(() => (answers[asked++] as (typeof answers)[0]).promise);
    const { queue, environment, ran } = working(gate);
    await queue.enqueue('push', 'x');
    await environment.flush();
    change();
    answers[0]?.open(true);
    await environment.flush();
    expect(ran).toEqual([]);
    answers[1]?.open(true);
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('is waited for by a drain, which then runs its jobs', async () => {
    const { gate } = laterGate(() => pass(environment, 2_000).then(() => true));
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.advance(2_000);
    expect(await ended(drained)).toMatchObject({ completed: 1 });
    expect(environment.timers).toBe(0);
  });

  it('is waited for by a drain without asking the store again and again', async () => {
    const { gate } = laterGate(() => pass(environment, 2_000).then(() => true));
    const { queue, environment, store } = setScene(
      { push: job<string>(), free: job<string>() },
      { use: [gates({ push: gate })] },
    );
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {}, free: () => {} });
    await environment.advance(1_999);
    const asked = store.callsOf('exchange');
    await environment.advance(1);
    expect(await ended(drained)).toMatchObject({ completed: 1 });
    expect(asked).toBeLessThanOrEqual(2);
  });

  it('keeps no drain waiting that it has told that it is closed', async () => {
    const { gate } = laterGate(async () => false);
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 0 });
  });

  it('that goes on being asked keeps no worker from stopping, and leaves no timer', async () => {
    const { queue, environment, worker } = working(laterGate(never).gate);
    await queue.enqueue('push', 'x');
    await environment.advance(1_000);
    const stopped = worker.stop();
    await environment.flush();
    await ended(stopped);
    expect(environment.timers).toBe(0);
  });

  it('may answer at once another time: that counts, whatever it promised before', async () => {
    const known: { answer?: boolean } = {};
    const answer = () => known.answer ?? Promise.resolve(false);
    const { gate, change } = laterGate(answer as () => Promise<boolean>);
    const { queue, environment, ran } = working(gate);
    await queue.enqueue('push', 'x');
    await environment.advance(1_000);
    known.answer = true;
    change();
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it.each([
    [
      'says at once that it is closed',
      () => {
        return false;
      },
    ],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('keeps no drain waiting that after a change %s', async (_, later) => {
    const now: { answer: () => unknown } = { answer: () => Promise.resolve(true) };
    const { gate, change } = laterGate(() => now.answer() as Promise<boolean>);
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, {
      push: () => {
        now.answer = later;
        change();
      },
    });
    await environment.advance(60_000);
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });
});

describe('a gate that answers later and fails', () => {
  it.each<[string, () => Promise<boolean>, string]>([
    ['rejects', () => Promise.reject(new Error('no network')), 'no network'],
    ['hangs', never, 'the gate of job "push" did not answer within 10000 ms'],
    ['rejects with nothing', () => Promise.reject(undefined), 'the gate of job "push" rejected'],
  ])('is closed when it %s, and told once', async (_, answer, message) => {
    const { queue, environment, ran, errors } = working(laterGate(answer).gate);
    const { id } = await queue.enqueue('push', 'x');
    await queue.enqueue('free', 'y');
    await environment.advance(600_000);
    expect(ran).toEqual(['y']);
    expect(errors).toMatchObject([{ message }]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
  });

  it('is asked again, lets its jobs run when it is well, and is told anew when it fails anew', async () => {
    let fails = true;
    const { queue, environment, ran, errors } = working(
      laterGate(() => (fails ? Promise.reject(new Error('no network')) : Promise.resolve(true))).gate,
    );
    await queue.enqueue('push', 'x');
    await environment.advance(60_000);
    fails = false;
    await environment.advance(30_000);
    expect(ran).toEqual(['x']);
    fails = true;
    await environment.advance(60_000);
    expect(errors).toHaveLength(2);
  });

  it('keeps no drain waiting for longer than 10 s', async () => {
    const { gate } = laterGate(never);
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.advance(10_000);
    expect(await ended(drained)).toMatchObject({ completed: 0 });
    expect(environment.timers).toBe(0);
  });
});

it('a gate that throws when asked is told once', async () => {
  const broken = () => {
    throw new Error('the gate is broken');
  };
  const { environment, errors } = working({ isOpen: broken, subscribe: () => () => {} });
  await environment.advance(600_000);
  expect(errors).toMatchObject([{ message: 'the gate is broken' }]);
});

it('gates, unknown names and newer versions together cost no attempt', async () => {
  const backing = memoryBacking();
  const { gate } = laterGate(async () => false);
  const old = setScene(
    { gated: job<string>(), shape: job<string>() },
    { backing, use: [gates({ gated: gate })] },
  );
  const { environment } = old;
  const anew = setScene(
    { gated: job<string>(), shape: job<string>({ version: 2 }), added: job<string>() },
    { backing, environment },
  );
  const names = ['gated', 'shape', 'added'] as const;
  const answers = await enqueueMany(
    anew.queue,
    names.map((name) => ({ name, payload: 'x' })),
  );
  work(old.queue, { gated: () => {}, shape: () => {} });
  await environment.advance(3_600_000);
  for (const { id } of answers)
    expect(await get(old.queue, id)).toMatchObject({ state: 'pending', attempt: 1, failures: 0, crashes: 0 });
});
