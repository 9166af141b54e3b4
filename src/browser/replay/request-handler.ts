import {
  DeadLetterError,
  type Handler,
  type HandlerContext,
  InvalidOptionError,
  type Job,
  type SendOptions,
  throwForStatus,
} from '../../core/index.ts';
import { hear } from '../../core/work/send.ts';
import { requestOf, type StoredRequest } from './stored-request.ts';

/** What `prepare` is given beside the request. */
export interface PrepareContext {
  readonly job: Job<StoredRequest>;
  /** 1-based. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export interface RequestHandlerOptions extends SendOptions {
  /**
   * Called before each attempt, to add what must be fresh: tokens, as none is stored. It may change the headers of the request, or return
   * another Request, or a promise of one; anything else that it returns is ignored. What it throws ends the attempt as what a handler throws. Default: nothing is added.
   *
   * @example
   * prepare: async (request) => request.headers.set('authorization', `Bearer ${await freshToken()}`),
   */
  readonly prepare?: (request: Request, context: PrepareContext) => unknown;
  /**
   * Where the header `idempotency-key` is sent, with the job's id: `same-origin` (default), `always` (other origins then get a preflight, and
   * must allow the header), `never`. Not in `no-cors` requests, which cannot have it; a key of the request itself stays.
   */
  readonly idempotencyKey?: 'same-origin' | 'always' | 'never';
  /** The clock, epoch ms: for tests. Default `Date.now`. */
  readonly now?: () => number;
}

/** What a request came to, as the result of its job. */
export interface RequestResult {
  /** 0: the response was opaque. */
  readonly status: number;
  /** It was not sent, and is another job now. */
  readonly moved?: true;
}

/** With checkpoints in use, a job says what it left, and its handler may leave something. */
type Reached = Job & { readonly checkpoint?: unknown };
type SendContext = HandlerContext & { readonly checkpoint?: (value: unknown) => Promise<boolean> };

const KEYS = ['same-origin', 'always', 'never'] as const;
/** All requests of a context that are kept alive may have so many bytes together (Fetch, 4.5): one more fails. */
const MAX_KEEPALIVE_BYTES = 64 * 1024;

/**
 * The handler that sends stored requests.
 *
 * | response | the job |
 * | --- | --- |
 * | 2xx, opaque, a redirect of a navigation | is done; its result is the status |
 * | 5xx, 401, 429 …, none | as `throwForStatus` says |
 * | any other 4xx, a redirect that is not to be followed | is dead |
 *
 * With `use: [checkpoints()]` a request that is redriven when it is too old has its `maxAgeMs` once more; without, one attempt.
 *
 * @example
 * work(queue, { request: requestHandler({ prepare: (request) => request.headers.set('authorization', token()) }) });
 *
 * @throws InvalidOptionError at once
 */
export function requestHandler(options: RequestHandlerOptions = {}): Handler<StoredRequest> {
  const { prepare, idempotencyKey = 'same-origin', expect, now = () => Date.now() } = options;
  if (prepare !== undefined && typeof prepare !== 'function')
    throw new InvalidOptionError('prepare', prepare, 'a function');
  if (!KEYS.includes(idempotencyKey))
    throw new InvalidOptionError('idempotencyKey', idempotencyKey, `one of ${KEYS.join(', ')}`);
  const alive = { bytes: 0 };

  return async (stored, { job, attempt, signal, checkpoint }: SendContext): Promise<RequestResult> => {
    const until = agesAt(job);
    if (now() >= until) {
      if (!isRedriven(job)) throw new DeadLetterError('it was not sent within its maxAgeMs');
      await checkpoint?.({ until: now() + (job.maxAgeMs ?? 0) });
    }
    const built = requestOf(sendable(stored));
    addKey(built, job.id, idempotencyKey);
    const context = { job: job as Job<StoredRequest>, attempt, signal };
    const other = await prepare?.(built, context);
    const prepared = other instanceof Request ? other : built;
    const size = stored.body?.byteLength ?? 0;
    const keepalive = stored.keepalive === true && alive.bytes + size <= MAX_KEEPALIVE_BYTES;
    if (keepalive) alive.bytes += size;
    try {
      const response = await hear(prepared, { signal, keepalive, ...(expect && { expect }) });
      return { status: judge(response, stored).status };
    } finally {
      if (keepalive) alive.bytes -= size;
    }
  };
}

/** In its lane, behind others, a job does not age; what it asks of the server does. Epoch ms. */
function agesAt({ enqueuedAt, maxAgeMs = Number.POSITIVE_INFINITY, checkpoint }: Reached): number {
  const { until } = (checkpoint ?? {}) as { readonly until?: unknown };
  return typeof until === 'number' ? until : enqueuedAt + maxAgeMs;
}

/** It has no past, and yet it did not become due when it was enqueued: somebody wants it sent, however old it is. */
export const isRedriven = ({ runAt, enqueuedAt, failures, crashes, evictions = 0, errors }: Job): boolean =>
  runAt > enqueuedAt && failures + crashes + evictions + errors.length === 0;

/** `error`: a redirect would look like a network that failed. Not followed it is the same, and known. */
const sendable = (stored: StoredRequest): StoredRequest =>
  stored.redirect === 'error' ? { ...stored, redirect: 'manual' } : stored;

function addKey(request: Request, id: string, where: (typeof KEYS)[number]): void {
  if (where === 'never' || request.mode === 'no-cors' || request.headers.has('idempotency-key')) return;
  const own = (globalThis as { readonly location?: { readonly origin: string } }).location?.origin;
  if (where === 'same-origin' && new URL(request.url).origin !== own) return;
  request.headers.set('idempotency-key', encodeURIComponent(id));
}

/** Returns the response of a request that is done. */
function judge(response: Response, { navigation }: StoredRequest): Response {
  if (response.type === 'opaque') return response;
  if (response.type !== 'opaqueredirect') return throwForStatus(response);
  // A form that was taken leads to another page.
  if (navigation) return response;
  throw new DeadLetterError('the server answered with a redirect, which is not followed', { status: 0 });
}
