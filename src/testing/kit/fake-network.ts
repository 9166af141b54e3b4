import { InvalidOptionError } from '../../core/index.ts';
import { checkCount, checkKnown, checkMs } from '../../core/queue/options.ts';
import type { FakeEnvironment } from '../fake-environment.ts';

/**
 * What a request comes to. `'offline'`: `fetch` rejects as it does without a network. A number: that status. An object: a response, also one that
 * comes late. A function: makes a `Response` of the request.
 */
export type NetworkAnswer = 'offline' | number | NetworkResponse | ((request: Request) => Response);

export interface NetworkResponse {
  /** Default 200. */
  readonly status?: number;
  /** Such as `{ 'retry-after': '30' }`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. Default: no body. */
  readonly json?: unknown;
  /** It comes after so many ms of the clock. Default 0. Needs `clock`. */
  readonly afterMs?: number;
}

/** A network that answers what the test says. */
export interface FakeNetwork {
  /** To be put in the place of the platform's: `vi.stubGlobal('fetch', network.fetch)`, `mock.method(globalThis, 'fetch', network.fetch)`. */
  readonly fetch: typeof fetch;
  /** All requests so far, in their order, those that were not answered included. Their bodies can be read. */
  readonly requests: readonly Request[];
  /** What comes from now on, one answer a request; the last one for all that follow. Replaces what was to come. */
  answer(...answers: readonly [NetworkAnswer, ...NetworkAnswer[]]): void;
}

const ANSWER_OPTIONS = ['status', 'headers', 'json', 'afterMs'];
/** Where relative URLs lead when there is no page. */
const ORIGIN = 'http://localhost';

/**
 * A `fetch` for tests: it answers one request after the other with what the list says, and all further ones with the last of it. An aborted request
 * rejects with the signal's reason. Changes no global: the test runner puts it in its place, and takes it away again.
 *
 * @example
 * const network = fakeNetwork(['offline', 500, { status: 429, headers: { 'retry-after': '30' } }, { afterMs: 5_000 }, 200], { clock });
 * vi.stubGlobal('fetch', network.fetch);
 * await drainAll(queue, handlers);
 * expect(network.requests).toHaveLength(5);
 *
 * @param answers default: 200 for every request
 * @param options.clock by which late answers come: that of the queue
 * @throws InvalidOptionError for an answer that there is not, at once
 */
export function fakeNetwork(
  answers: readonly [NetworkAnswer, ...NetworkAnswer[]] = [200],
  options: { readonly clock?: FakeEnvironment } = {},
): FakeNetwork {
  const { clock } = checkKnown('fakeNetwork options', options, ['clock']);
  const requests: Request[] = [];
  let coming = answers.map((answer) => checkAnswer(answer, clock));
  const next = () => (coming.length > 1 ? coming.shift() : coming[0]) as NetworkAnswer;

  return {
    requests,
    async fetch(input, init) {
      const request = requestOf(input, init);
      requests.push(request.clone());
      const answer = next();
      request.signal.throwIfAborted();
      const { afterMs = 0 } = typeof answer === 'object' ? answer : {};
      if (afterMs > 0) await later(clock as FakeEnvironment, afterMs, request.signal);
      return responseOf(answer, request);
    },
    answer(...others) {
      coming = others.map((answer) => checkAnswer(answer, clock));
    },
  };
}

function checkAnswer(answer: NetworkAnswer, clock: FakeEnvironment | undefined): NetworkAnswer {
  if (answer === 'offline' || typeof answer === 'function') return answer;
  if (typeof answer === 'number') return checkStatus(answer);
  if (typeof answer !== 'object')
    throw new InvalidOptionError('answer', answer, "'offline', a status, a response or a function");
  const checked = checkKnown('answer', answer, ANSWER_OPTIONS);
  if (checked.status !== undefined) checkStatus(checked.status);
  if (checked.afterMs !== undefined) checkMs('afterMs', checked.afterMs);
  if (checked.afterMs !== undefined && clock === undefined)
    throw new InvalidOptionError('afterMs', checked.afterMs, 'a clock: fakeNetwork(answers, { clock })');
  return checked;
}

/** A Response can be made of no other. */
function checkStatus(status: number): number {
  if (checkCount('status', status) < 200 || status > 599)
    throw new InvalidOptionError('status', status, 'a status from 200 to 599');
  return status;
}

/** Relative URLs lead to the page, or to `localhost`. */
function requestOf(input: Parameters<typeof fetch>[0], init?: RequestInit): Request {
  if (typeof input !== 'string') return new Request(input, init);
  const { href } = (globalThis as { readonly location?: { readonly href: string } }).location ?? {};
  const base = href?.startsWith('http') ? href : ORIGIN;
  return new Request(new URL(input, base), init);
}

function later(clock: FakeEnvironment, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.setTimer(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function responseOf(answer: NetworkAnswer, request: Request): Response {
  if (answer === 'offline') throw new TypeError('Failed to fetch'); // Chromium's words.
  if (typeof answer === 'function') return answer(request);
  const { status = 200, headers = {}, json } = typeof answer === 'number' ? { status: answer } : answer;
  if (json === undefined) return new Response(null, { status, headers });
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const typed = isTyped ? headers : { 'content-type': 'application/json', ...headers };
  return new Response(JSON.stringify(json), { status, headers: typed });
}
