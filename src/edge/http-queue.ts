import {
  type Definitions,
  deserializeError,
  InvalidOptionError,
  PayloadError,
  type Queue,
  StoreError,
} from '../core/index.ts';
import { messageOf } from '../core/kernel/errors.ts';
import type { Feature, FeatureFor, OptionsOf } from '../core/queue/feature.ts';
import { checkKnown } from '../core/queue/options.ts';
import type { CallMessage } from '../core/remote/messages.ts';
import { RemoteLine } from '../core/remote/remote-line.ts';
import { FAR_OPTIONS, type FarOptions, farQueue } from '../core/remote/remote-queue.ts';

type HeadersOf = () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

export interface HttpQueueOptions<
  Jobs extends Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> extends FarOptions<Jobs, Use> {
  /** Sent with each call, or a function that returns them: for tokens that expire. */
  readonly headers?: Readonly<Record<string, string>> | HeadersOf;
  /** Default: the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** So does a server fail, here or in between, that may have carried the call out: also by statuses of its own, as 520 to 524. */
const isPassing = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

/**
 * Reaches the queue that an `httpHost` serves at this address. Every function over a queue takes it, as far as the host exposes what it needs. A call that
 * fails for a reason that passes is repeated. Payloads must be JSON: others reject with PayloadError.
 *
 * @example
 * const queue = httpQueue('https://api.example/queue', { jobs, headers: () => ({ authorization: `Bearer ${token()}` }) });
 * await queue.enqueue('mail.send', letter);
 *
 * @throws InvalidOptionError at once
 */
export function httpQueue<const Jobs extends Definitions, const Use extends readonly FeatureFor<Jobs>[] = []>(
  url: string,
  given: HttpQueueOptions<Jobs, Use>,
): Queue<Jobs, OptionsOf<Use>> {
  const {
    headers = {},
    fetch: call = (to: string, init: RequestInit) => fetch(to, init),
    ...far
  } = checkKnown('httpQueue options', given, [...FAR_OPTIONS, 'headers', 'fetch']);
  if (!URL.canParse(url)) throw new InvalidOptionError('url', url, 'a URL');
  if (typeof call !== 'function') throw new InvalidOptionError('fetch', call, 'a function');
  const headersOf: HeadersOf = typeof headers === 'function' ? headers : () => headers;
  const send = async (message: CallMessage) => {
    checkJson('args', message.args);
    const own = await headersOf();
    const init = {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/json' },
      body: JSON.stringify(message),
    };
    return replyOf(await call(url, init).catch(unreached));
  };
  return farQueue(url, far, (how) => new RemoteLine(send, { ...how, check: checkJson }));
}

function unreached(thrown: unknown): never {
  throw new StoreError(`the queue cannot be reached: ${messageOf(thrown)}`, {
    retryable: true,
    cause: thrown,
  });
}

async function replyOf(answer: Response): Promise<unknown> {
  // An answer that broke off is one that was lost.
  const body: unknown = await answer.json().catch(answer.ok ? unreached : () => undefined);
  if (answer.ok) return body;
  const problem = deserializeError(body);
  if (problem.code !== undefined) return { v: 1, error: body };
  throw new StoreError(`the queue answered ${answer.status}`, {
    retryable: isPassing(answer.status),
    cause: problem,
  });
}

/** Throws PayloadError for what would be another value on the other side. */
function checkJson(path: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) {
    const isPlain = Array.isArray(value) || [null, Object.prototype].includes(Object.getPrototypeOf(value));
    if (!isPlain) throw new PayloadError(path, 'is no plain object: over HTTP only JSON is carried');
    for (const [key, item] of Object.entries(value))
      if (item !== undefined || Array.isArray(value)) checkJson(`${path}.${key}`, item);
    return;
  }
  const isJson =
    typeof value === 'number' ? Number.isFinite(value) && !Object.is(value, -0) : typeof value !== 'bigint';
  if (!isJson || value === undefined)
    throw new PayloadError(path, `is ${String(value)}: over HTTP only JSON is carried`);
}
