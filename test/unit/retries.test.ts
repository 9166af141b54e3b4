import { count, fixed, get, job, memoryBacking, RetryLaterError, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, pass, setScene } from './scene.ts';

const backoff = fixed({ delayMs: 100 });
const jobs = { push: job<string>({ backoff, maxAttempts: 3 }), other: job<string>() };

/** The attempts that one job comes to when its handler does the same each time. */
async function attemptsOf(
  attempt: (number: number) => unknown,
  options: { readonly maxAttempts?: number } = {},
) {
  const { queue, environment, elapsed } = setScene(jobs);
  const { id } = await queue.enqueue('push', 'x', options);
  const attempts: number[] = [];
  const at: number[] = [];
  work(queue, {
    push: (_, context) => {
      attempts.push(context.attempt);
      at.push(elapsed());
      return attempt(context.attempt);
    },
  });
  await environment.advance(120_000);
  return { attempts, at, counts: await count(queue), job: await get(queue, id), queue, id };
}

const fail = () => {
  throw new Error('the server answered 500');
};

describe('a job whose handler throws', () => {
  it('is tried maxAttempts times, the first run included, and is then dead', async () => {
    const { attempts, counts } = await attemptsOf(fail);
    expect(attempts).toEqual([1, 2, 3]);
    expect(counts).toMatchObject({ pending: 0, active: 0, dead: 1, completed: 0 });
  });

  it('with one attempt is dead after its first run', async () => {
    expect((await attemptsOf(fail, { maxAttempts: 1 })).attempts).toEqual([1]);
  });

  it('follows its own maxAttempts rather than that of its definition', async () => {
    expect((await attemptsOf(fail, { maxAttempts: 5 })).attempts).toEqual([1, 2, 3, 4, 5]);
  });

  it('is tried ten times unless something else is said', async () => {
    const { queue, environment } = setScene({ push: job({ backoff }) });
    await queue.enqueue('push', null);
    let runs = 0;
    work(queue, { push: () => Promise.reject(new Error(String(++runs))) });
    await environment.advance(60_000);
    expect(runs).toBe(10);
  });

  it('completes with the attempt that succeeds, and is not run again', async () => {
    const { attempts, counts, job } = await attemptsOf((n) => (n < 3 ? fail() : 'done'));
    expect(attempts).toEqual([1, 2, 3]);
    expect(counts).toMatchObject({ pending: 0, dead: 0, completed: 1 });
    expect(job).toBeUndefined();
  });

  it('waits as pending, with its failures counted and its error shown', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: fail });
    await environment.advance(150);
    expect(await get(queue, id)).toMatchObject({
      state: 'pending',
      failures: 2,
      attempt: 3,
      crashes: 0,
      runAt: environment.now() + 50,
      errors: [
        { name: 'Error', message: 'the server answered 500', attempt: 1, at: environment.now() - 150 },
        { name: 'Error', message: 'the server answered 500', attempt: 2, at: environment.now() - 50 },
      ],
    });
  });

  it('keeps its last five errors', async () => {
    const { job } = await attemptsOf(fail, { maxAttempts: 8 });
    expect(job?.errors.map(({ attempt }) => attempt)).toEqual([4, 5, 6, 7, 8]);
  });

  it('holds up no other job while it waits', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'fails');
    await queue.enqueue('push', 'works');
    const ran: [string, number][] = [];
    const push = (word: string) => {
      ran.push([word, elapsed()]);
      if (word === 'fails') fail();
    };
    work(queue, { push }, { concurrency: 1 });
    await environment.advance(150);
    expect(ran).toEqual([
      ['fails', 0],
      ['works', 0],
      ['fails', 100],
    ]);
  });

  it('leaves the slot of its failed attempt to others', async () => {
    const { queue, environment } = setScene(jobs);
    for (const word of ['1', '2', '3']) await queue.enqueue('push', word);
    const ran: string[] = [];
    const push = (word: string) => {
      ran.push(word);
      return word === '3' ? deaf() : fail();
    };
    work(queue, { push }, { concurrency: 1 });
    await environment.advance(50);
    expect(ran).toEqual(['1', '2', '3']);
  });
});

describe('RetryLaterError', () => {
  const later = (delayMs: number) => () => {
    throw new RetryLaterError({ delayMs });
  };

  it('puts its own delay in the place of the backoff', async () => {
    expect((await attemptsOf(later(7_000))).at).toEqual([0, 7_000, 14_000]);
  });

  it('counts as a failure', async () => {
    const { counts, attempts } = await attemptsOf(later(10));
    expect(attempts).toEqual([1, 2, 3]);
    expect(counts).toMatchObject({ dead: 1 });
  });

  it('can ask for the next attempt at once', async () => {
    expect((await attemptsOf(later(0))).at).toEqual([0, 0, 0]);
  });

  it('waits for a part of a ms as for a whole one', async () => {
    expect((await attemptsOf(later(0.5))).at).toEqual([0, 1, 2]);
  });

  it('waits for no longer than a date can say', async () => {
    const { counts, job } = await attemptsOf(later(1e300));
    expect(counts).toMatchObject({ pending: 1 });
    expect(job?.runAt).toBeLessThanOrEqual(8.64e15);
  });

  it('with hold keeps every job of its name from all workers until then, and no other name', async () => {
    const backing = memoryBacking();
    const { queue, environment, elapsed } = setScene(jobs, { backing });
    await queue.enqueue('push', '1');
    await queue.enqueue('push', '2');
    await queue.enqueue('other', '3');
    const ran: [string, number][] = [];
    const handlers = {
      push: (word: string) => {
        ran.push([word, elapsed()]);
        if (elapsed() === 0) throw new RetryLaterError({ delayMs: 5_000, hold: true });
      },
      other: (word: string) => void ran.push([word, elapsed()]),
    };
    work(queue, handlers, { concurrency: 1 });
    work(setScene(jobs, { backing, environment }).queue, handlers, { concurrency: 1 });
    await environment.advance(0);
    await queue.enqueue('push', '4');
    await environment.advance(60_000);
    const firstRound = ran.filter(([, at]) => at === 0).map(([word]) => word);
    expect(firstRound).toContain('3');
    expect(firstRound).not.toContain('4');
    expect(ran.filter(([, at]) => at > 0 && at < 5_000)).toEqual([]);
    expect(await count(queue)).toMatchObject({ pending: 0, completed: 4 });
  });

  it.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY]])('cannot have a delay of %d', (delayMs) => {
    expect(() => new RetryLaterError({ delayMs })).toThrow(`delayMs is ${delayMs}`);
  });
});

describe('a job that its handler releases', () => {
  it('comes back after the delay asked for, its attempt uncounted', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const runs: [number, number][] = [];
    work(queue, {
      push: (_, { attempt, release }) => {
        runs.push([attempt, elapsed()]);
        if (runs.length < 6) release({ delayMs: 1_000 });
      },
    });
    await environment.advance(500);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, errors: [], attempt: 1 });
    await environment.advance(10_000);
    expect(runs).toEqual([0, 1, 2, 3, 4, 5].map((n) => [1, n * 1_000]));
    expect(await count(queue)).toMatchObject({ completed: 1, dead: 0 });
  });

  it('comes back at once unless a delay is given', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let runs = 0;
    work(queue, { push: (_, { release }) => void (++runs < 3 && release()) });
    await environment.flush();
    expect(runs).toBe(3);
  });

  it('is released even if its handler swallows what release throws', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    work(queue, {
      push: (_, { release }) => {
        try {
          release({ delayMs: 50 });
        } catch {
          // Whatever it is.
        }
      },
    });
    await environment.flush();
    expect(await count(queue)).toMatchObject({ pending: 1, completed: 0 });
  });

  it('fails its attempt when the delay is none', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: (_, { release }) => release({ delayMs: -1 }) });
    await environment.flush();
    expect((await get(queue, id))?.errors[0]?.message).toMatch(/delayMs is -1/);
  });

  it('fails its attempt when an option is mistyped', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: (_, { release }) => release({ delay: 5 } as never) });
    await environment.flush();
    expect((await get(queue, id))?.errors[0]?.message).toMatch(/release options is "delay"/);
  });
});

it('what is thrown late, by what a handler left running, touches no other attempt', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', 'x');
  const started: number[] = [];
  work(queue, {
    push: async (_, { attempt }) => {
      started.push(attempt);
      if (attempt === 1) throw new Error('at once');
      await pass(environment, 10);
    },
  });
  await environment.advance(1_000);
  expect(started).toEqual([1, 2]);
  expect(await count(queue)).toMatchObject({ completed: 1 });
});
