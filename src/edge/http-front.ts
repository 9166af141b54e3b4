import {
  type Definitions,
  defineJobs,
  get,
  InvalidOptionError,
  type Job,
  type Queue,
} from '../core/index.ts';
import { ENQUEUE_OPTIONS, type EnqueueOptions } from '../core/queue/enqueue-options.ts';
import { checkAll } from '../core/queue/job-options.ts';
import { checkCount, checkKnown, checkMs, checkPlain, checkText, hasMethods } from '../core/queue/options.ts';
import { HttpAnswers, tellConsole } from './http-answers.ts';
import { readJson } from './http-front-body.ts';
import { Cors, type CorsOptions } from './http-front-cors.ts';
import { Problem } from './http-front-problem.ts';
import { refusalOf } from './http-front-refusal.ts';

const OPTIONS = ['queue', 'jobs', 'authorize', 'names', 'cors', 'maxBytes', 'onError'];
const DEFAULT_MAX_BYTES = 64 * 1024;
/** Longer than this is a mistake, or a row that somebody else wants to pay for. */
const MAX_DELAY_MS = 366 * 86_400_000;

/**
 * What a caller may do: `true` all that the front offers, `names` the part of it with these names, `false` or nothing is refused with 401,
 * and a Response is sent instead (a 401 with its challenge, a redirect to a login, a 429).
 */
export type Permission = boolean | { readonly names: readonly string[] } | Response | null | undefined;

export interface HttpFrontOptions<Jobs extends Definitions> {
  /** A `queueClient`, or the queue itself. */
  readonly queue: Pick<Queue<Jobs>, 'name' | 'enqueue' | 'call'>;
  readonly jobs: Jobs;
  /**
   * Who is calling, and what may they do? Asked for each enqueue and each look, never for preflights, before the body is read; it
   * reads a clone of that, if at all. There is no default. When it throws or answers anything else, the caller hears 500, and nothing
   * is stored.
   */
  readonly authorize: (request: Request) => Permission | Promise<Permission>;
  /** The names outsiders may enqueue and look at, as far as `authorize` permits. Default: all of `jobs`. */
  readonly names?: readonly (keyof Jobs & string)[];
  /** Default: pages of other origins may not call. */
  readonly cors?: CorsOptions;
  /** Of a request's body. Default 65,536. Minimum 1. */
  readonly maxBytes?: number;
  /** Hears why a caller was told 500: it is not told. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/**
 * An HTTP front for browsers and other services, for the `fetch` of a Worker: they may enqueue, and ask where a job stands. Never rejects.
 *
 * `POST …/jobs`, as `application/json`: `{ name, payload, id?, options?: { lane, idempotencyKey, delayMs } }`. 201
 * `{ id, status: 'enqueued' }`, with the job's Location, once it is stored; 200 with status `duplicate` when there is one with this id or
 * key already. So a caller that gives an `id` may repeat what was not answered. `GET` or `HEAD …/jobs/:id`:
 * `{ id, name, state, attempt, enqueuedAt, runAt, finishedAt? }`, nothing of payloads, results and errors; 404 for a job that completed
 * and was not kept.
 *
 * Refusals are problem details, of which `deserializeError` makes an error: 400 no JSON, 401 and 403 not permitted, 404, 405, 413 and 415 the
 * body's size and type, 422 what is wrong with a field or, by the job's schema, with the payload (`issues`), 503 with Retry-After the queue is
 * full or its store away, 500 without a reason. Nothing was stored then, but by a store that failed after its commit: repeat it with the same id.
 *
 * Ids, lanes and keys are the whole queue's: callers that must not see, collide with or wait for each other need a queue each.
 * Throws InvalidOptionError at once.
 */
export function httpFront<const Jobs extends Definitions>(
  options: HttpFrontOptions<Jobs>,
): (request: Request) => Promise<Response> {
  const front = new HttpFront(options as unknown as HttpFrontOptions<Definitions>);
  return (request) => front.answer(request);
}

class HttpFront {
  readonly #queue: HttpFrontOptions<Definitions>['queue'];
  readonly #authorize: HttpFrontOptions<Definitions>['authorize'];
  readonly #names: ReadonlySet<string>;
  readonly #cors: Cors;
  readonly #maxBytes: number;
  readonly #answers: HttpAnswers;

  constructor(options: HttpFrontOptions<Definitions>) {
    checkKnown('httpFront options', options, OPTIONS);
    const { queue, authorize, maxBytes = DEFAULT_MAX_BYTES, onError = tellConsole } = options;
    if (!hasMethods(queue, 'enqueue', 'call'))
      throw new InvalidOptionError('queue', queue, 'a queue or a queueClient');
    if (typeof authorize !== 'function')
      throw new InvalidOptionError('authorize', authorize, 'a function: there is no default');
    if (typeof onError !== 'function') throw new InvalidOptionError('onError', onError, 'a function');
    this.#queue = queue;
    this.#authorize = authorize;
    this.#names = checkNames(options);
    this.#cors = new Cors(options.cors);
    this.#maxBytes = checkCount('maxBytes', maxBytes);
    this.#answers = new HttpAnswers(this.#cors, onError);
  }

  answer(request: Request): Promise<Response> {
    return this.#answers.answer(request, (asked) => this.#route(asked));
  }

  async #route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const id = /\/jobs\/([^/]+)$/.exec(pathname)?.[1];
    const collection = /\/jobs$/.test(pathname);
    // …/jobs/jobs is the place of a job for who reads, and where a prefix has its jobs for who writes.
    if (collection && request.method === 'POST') return this.#enqueue(request, pathname);
    const methods = id === undefined ? 'POST' : 'GET, HEAD';
    if (id === undefined && !collection) throw new Problem(404, { detail: 'nothing is served here' });
    if (request.method === 'OPTIONS')
      return this.#cors.preflight(request, id !== undefined && collection ? 'POST, GET, HEAD' : methods);
    if (id !== undefined && (request.method === 'GET' || request.method === 'HEAD'))
      return this.#status(request, id);
    throw new Problem(405, { headers: { allow: methods } });
  }

  /** Which names this caller may use, or what it is sent instead. */
  async #permitted(request: Request): Promise<Response | ((name: string) => boolean)> {
    const permission = await this.#authorize(request);
    if (permission instanceof Response) return permission;
    if (permission === undefined || permission === null || permission === false) throw new Problem(401);
    if (permission === true) return (name) => this.#names.has(name);
    const { names } = permission;
    // A user's record, say, is no permission: what is not understood must not open anything.
    if (!Array.isArray(names))
      throw new InvalidOptionError('the answer of authorize', permission, PERMISSION);
    return (name) => names.includes(name) && this.#names.has(name);
  }

  async #enqueue(request: Request, path: string): Promise<Response> {
    const permits = await this.#permitted(request);
    if (permits instanceof Response) return permits;
    const body = await readJson(request, this.#maxBytes);
    const { name, payload, options } = asked(() => checkBody(body));
    // The same whether there is such a job or not: who may not enqueue it need not know.
    if (!permits(name))
      throw new Problem(403, { detail: 'no job of this name may be enqueued here by this caller' });
    const { id, status } = await refusing(this.#queue.enqueue(name, payload, options));
    const location = `${path}/${encodeURIComponent(id)}`;
    return Response.json(
      { id, status },
      { status: status === 'duplicate' ? 200 : 201, headers: { location } },
    );
  }

  async #status(request: Request, encodedId: string): Promise<Response> {
    const permits = await this.#permitted(request);
    if (permits instanceof Response) return permits;
    const id = readId(encodedId);
    const job = id === undefined ? undefined : await refusing(get(this.#queue, id));
    if (job === undefined || !permits(job.name)) throw new Problem(404, { detail: 'there is no such job' });
    return Response.json(statusOf(job));
  }
}

const PERMISSION = 'true, false, { names: […] } or a Response';

function checkNames({ jobs, names }: HttpFrontOptions<Definitions>): ReadonlySet<string> {
  const known = Object.keys(defineJobs(jobs));
  if (names === undefined) return new Set(known);
  if (!Array.isArray(names)) throw new InvalidOptionError('names', names, 'an array of job names');
  for (const [i, name] of names.entries())
    if (!known.includes(name))
      throw new InvalidOptionError(`names[${i}]`, name, `one of ${known.join(', ')}`);
  return new Set(names);
}

/** What the queue refuses for a reason that an outsider may know. What `authorize` throws is never taken for that. */
async function refusing<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw refusalOf(thrown) ?? thrown;
  }
}

/** What is wrong with what the caller gave is the caller's to know. */
function asked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvalidOptionError)
      throw new Problem(422, { detail: error.message, code: error.code });
    throw error;
  }
}

function checkDelay(what: string, given: unknown): number {
  const ms = checkMs(what, given);
  if (ms > MAX_DELAY_MS) throw new InvalidOptionError(what, ms, `at most ${MAX_DELAY_MS}`);
  return ms;
}

/** No other option is an outsider's to set: none that runs a job before others', and none that says how often it is tried. */
const OUTSIDERS = {
  lane: ENQUEUE_OPTIONS.lane,
  idempotencyKey: ENQUEUE_OPTIONS.idempotencyKey,
  delayMs: checkDelay,
} satisfies Partial<typeof ENQUEUE_OPTIONS>;

function checkBody(body: unknown) {
  const given = checkKnown('body', checkPlain('body', body), ['name', 'payload', 'id', 'options']);
  const { options = {} } = given;
  const checked = checkAll<Pick<EnqueueOptions, keyof typeof OUTSIDERS>>(
    'options',
    checkPlain('options', options),
    OUTSIDERS,
  );
  return {
    name: checkText('name', given.name),
    payload: given.payload,
    options: { ...checked, ...(given.id === undefined ? {} : { id: checkId('id', given.id) }) },
  };
}

/** `.` and `..` have no place of their own under a path, however they are encoded. */
function checkId(what: string, value: unknown): string {
  const id = checkText(what, value);
  if (id === '.' || id === '..') throw new InvalidOptionError(what, id, 'an id that can be part of a path');
  return id;
}

/** Undefined: no job can have it. */
function readId(encoded: string): string | undefined {
  try {
    return checkId('id', decodeURIComponent(encoded));
  } catch {
    return undefined;
  }
}

function statusOf({ id, name, state, attempt, enqueuedAt, runAt, finishedAt }: Job) {
  return { id, name, state, attempt, enqueuedAt, runAt, ...(finishedAt === undefined ? {} : { finishedAt }) };
}
