import {
  deserializeError,
  type Exposable,
  type Exposed,
  expose,
  InvalidOptionError,
  type Job,
  type Permit,
  type Queue,
  type Reply,
} from '../core/index.ts';
import type { HasContext } from '../core/queue/context.ts';
import { checkCount, checkKnown } from '../core/queue/options.ts';
import { HttpAnswers, tellConsole } from './http-answers.ts';
import { readJson } from './http-front-body.ts';
import { Cors, type CorsOptions } from './http-front-cors.ts';
import { Problem } from './http-front-problem.ts';
import { refusalOf } from './http-front-refusal.ts';

export interface HttpHostOptions {
  /**
   * Who is calling, and may they ask for this? `true`; a text that names the caller, so that no two of them are one worker; a Response is sent
   * instead; anything else is 401. Asked for each call, with checked arguments. There is no default. When it throws, the caller hears 500.
   */
  readonly authorize: (
    request: Request,
    operation: string,
    args: unknown,
  ) => Permit | Response | Promise<Permit | Response>;
  /** What callers see of a job that they read. Default: all. */
  readonly redact?: (job: Job) => Partial<Job>;
  /** Default: pages of other origins may not call. */
  readonly cors?: CorsOptions;
  /** Of a request's body. Default 1,048,576. Minimum 1. */
  readonly maxBytes?: number;
  /** Hears why a caller was told 500: it is not told. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

const OPTIONS = ['authorize', 'redact', 'cors', 'maxBytes', 'onError'];
const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Serves a queue over HTTP, for the `fetch` of a Worker: `httpQueue` is the other end. Each call is a POST of JSON, `{ v: 1, call, args }`: 200
 * `{ v, now, answer }`, or problem details. What may be asked for is what these functions need, as far as `authorize` permits it. The queue is one of
 * this context, an object's own, or one elsewhere: a `queueClient`. Never rejects. Payloads must be JSON.
 *
 * @example
 * const host = httpHost(this.queue, { enqueueMany, get }, { authorize: (request, operation) => userOf(request)?.mayAskFor(operation) });
 *
 * @throws InvalidOptionError at once
 */
export function httpHost(
  queue: Pick<Queue, never> & HasContext,
  functions: Readonly<Record<string, Exposable>>,
  options: HttpHostOptions,
): (request: Request) => Promise<Response> {
  const host = new HttpHost(queue, functions, options);
  return (request) => host.answer(request);
}

/** One request, and what `authorize` made of it. */
interface Asked {
  readonly request: Request;
  instead?: Response;
  thrown?: { readonly error: unknown };
}

class HttpHost {
  readonly #exposed: Exposed<Asked>;
  readonly #cors: Cors;
  readonly #answers: HttpAnswers;
  readonly #maxBytes: number;

  constructor(queue: HasContext, functions: Readonly<Record<string, Exposable>>, options: HttpHostOptions) {
    checkKnown('httpHost options', options, OPTIONS);
    const { authorize, redact, maxBytes = DEFAULT_MAX_BYTES, onError = tellConsole } = options;
    if (typeof authorize !== 'function')
      throw new InvalidOptionError('authorize', authorize, 'a function: there is no default');
    if (typeof onError !== 'function') throw new InvalidOptionError('onError', onError, 'a function');
    this.#cors = new Cors(options.cors);
    this.#answers = new HttpAnswers(this.#cors, onError);
    this.#maxBytes = checkCount('maxBytes', maxBytes);
    this.#exposed = expose<Asked>(queue, functions, {
      ...(redact && { redact }),
      async authorize(asked, operation, args) {
        try {
          const permit = await authorize(asked.request, operation, args);
          if (permit instanceof Response) asked.instead = permit;
          return permit instanceof Response ? false : permit;
        } catch (error) {
          asked.thrown = { error };
          return false;
        }
      },
    });
  }

  answer(request: Request): Promise<Response> {
    return this.#answers.answer(request, (asked) => this.#route(asked));
  }

  async #route(request: Request): Promise<Response> {
    if (request.method === 'OPTIONS') return this.#cors.preflight(request, 'POST');
    if (request.method !== 'POST') throw new Problem(405, { headers: { allow: 'POST' } });
    const asked: Asked = { request };
    const reply = await this.#exposed(await readJson(request, this.#maxBytes), asked);
    if (asked.instead !== undefined) return asked.instead;
    if (asked.thrown !== undefined) throw asked.thrown.error;
    if (reply.error === undefined) return Response.json(reply);
    throw problemOf(reply);
  }
}

/** What is wrong with what the caller gave is the caller's to know; the rest is told as far as it will pass. */
function problemOf({ error }: Reply): unknown {
  const { code, message: detail } = error ?? {};
  if (code === 'NotPermitted') return new Problem(401, { code });
  if (code === 'InvalidOption' || code === 'UnknownJob')
    return new Problem(422, { code, detail: detail ?? '' });
  const thrown = deserializeError(error);
  return refusalOf(thrown) ?? thrown;
}
