import {
  DeadLetterError,
  fixed,
  get,
  job,
  ServerError,
  throwForStatus,
  UnreachableError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, setScene } from './scene.ts';

const NOW = Date.UTC(2025, 9, 21, 7, 28, 0);

const response = (status: number, retryAfter?: string) =>
  new Response(null, {
    status,
    ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': retryAfter } }),
  });

/** What is thrown for a response. */
function thrownFor(status: number, retryAfter?: string): unknown {
  try {
    throwForStatus(response(status, retryAfter), NOW);
  } catch (error) {
    return error;
  }
  return undefined;
}

it.each([[200], [201], [202], [204], [206]])('%i is answered as it is', (status) => {
  const good = response(status);
  expect(throwForStatus(good)).toBe(good);
});

it.each([[408], [425], [502], [503], [504], [511], [520], [522], [530]])(
  '%i says that the server was not reached',
  (status) => {
    const error = thrownFor(status);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ reason: 'server', message: `the server answered ${status}` });
    expect((error as UnreachableError).retryAfterMs).toBeUndefined();
  },
);

it.each([[500], [501], [505], [507], [519], [531], [599]])('%i says that the server failed', (status) => {
  const error = thrownFor(status);
  expect(error).toBeInstanceOf(ServerError);
  expect(error).toMatchObject({ status, message: `the server answered ${status}` });
});

it.each([[304], [400], [403], [404], [405], [409], [410], [413], [422]])(
  '%i will never be accepted: the job is dead',
  (status) => {
    const error = thrownFor(status);
    expect(error).toBeInstanceOf(DeadLetterError);
    expect(error).toMatchObject({ status, message: `the server answered ${status}` });
  },
);

it('401 says that nobody is signed in, and for how long is not known', () => {
  const error = thrownFor(401, '5');
  expect(error).toMatchObject({ code: 'Unreachable', reason: 'signed-out' });
  expect((error as UnreachableError).retryAfterMs).toBeUndefined();
});

describe('429 asks for patience', () => {
  it.each<[string, string | undefined, number]>([
    ['30 s when the server does not say', undefined, 30_000],
    ['as many seconds as it says', '120', 120_000],
    ['not at all when it says 0', '0', 0],
    ['until the date it says', 'Tue, 21 Oct 2025 07:30:00 GMT', 120_000],
    ['until a date in the form of RFC 850', 'Tuesday, 21-Oct-25 07:30:00 GMT', 120_000],
    ['until a date in the form of asctime, which is UTC', 'Tue Oct 21 07:30:00 2025', 120_000],
    ['not at all when its date is past', 'Tue, 21 Oct 2025 07:00:00 GMT', 0],
    ['at most a day', '1761031680', 86_400_000],
    ['30 s when what it says is a word', 'soon', 30_000],
    ['30 s when what it says is a word and a number', 'soon 5', 30_000],
    ['30 s when what it says is a list', '5, 10', 30_000],
    ['30 s when what it says is negative', '-5', 30_000],
    ['30 s when what it says is empty', '', 30_000],
    ['30 s when what it says is no date', 'Tuesday afternoon', 30_000],
  ])('%s', (_, retryAfter, retryAfterMs) => {
    const error = thrownFor(429, retryAfter);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ reason: 'busy', retryAfterMs, message: 'the server answered 429' });
  });
});

it('503 with Retry-After asks for as much patience as it says', () => {
  expect(thrownFor(503, '7')).toMatchObject({ code: 'Unreachable', reason: 'busy', retryAfterMs: 7_000 });
});

it('503 with a Retry-After that says nothing was not reached like any other', () => {
  expect(thrownFor(503, 'soon')).toMatchObject({ code: 'Unreachable', reason: 'server' });
});

it.each([[500], [502], [408]])('%i asks for no patience, whatever its Retry-After says', (status) => {
  expect((thrownFor(status, '7') as UnreachableError).retryAfterMs).toBeUndefined();
});

it('a date counts from the clock unless an instant is given', () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  expect.assertions(2);
  try {
    throwForStatus(response(429, date));
  } catch (error) {
    const { retryAfterMs } = error as UnreachableError;
    expect(retryAfterMs).toBeGreaterThan(3_500_000);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  }
});

it.each([
  ['no attempt is counted for it, and the server is asked when it says', {}, 1],
  ['every attempt counts where a definition says so', { outage: false } as const, 4],
])(
  'a handler that throws for statuses waits and gives up as the server says: %s',
  async (_, outage, failures) => {
    const { queue, environment, elapsed } = setScene({
      push: job<string>({ backoff: fixed({ delayMs: 1_000 }), ...outage }),
    });
    const answers = [response(500), response(429, '20'), response(503, '5'), response(422)];
    const at: number[] = [];
    const { id } = await queue.enqueue('push', 'x');
    const worker = work(queue, {
      push: () => {
        at.push(elapsed());
        return throwForStatus(answers.shift()!, environment.now());
      },
    });
    await environment.advance(60_000);
    const first = at[1] ?? 0;
    expect(first).toBeGreaterThanOrEqual(1_000);
    expect(first).toBeLessThanOrEqual(1_100);
    expect(at).toEqual([0, first, first + 20_000, first + 25_000]);
    expect(await get(queue, id)).toMatchObject({ state: 'dead', failures });
    await ended(worker.stop());
  },
);
