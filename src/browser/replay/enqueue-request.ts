import {
  type EnqueueAnswer,
  type EnqueueOptions,
  InvalidOptionError,
  type JobDefinition,
  type Queue,
} from '../../core/index.ts';
import { inTurn } from './in-turn.ts';
import { MAX_BODY_BYTES, type ReadOptions, type StoredRequest, storeRequest } from './stored-request.ts';

/** A queue, or a handle of one, that has a job named so for requests. */
export type RequestQueue<Name extends string = 'request'> = Pick<
  Queue<{ readonly [Each in Name]: JobDefinition<StoredRequest> }>,
  'enqueue'
>;

export interface EnqueueRequestOptions<Name extends string = 'request'>
  extends Omit<EnqueueOptions, 'lane'>,
    ReadOptions {
  /** The name of the job, where it is not `request`. */
  readonly name?: Name;
  /**
   * Requests of one lane are sent one at a time, in order: a text, or a function of the request; undefined from it: no lane. Default: the URL
   * without its query.
   */
  readonly lane?: string | ((request: StoredRequest) => string | undefined);
  /** The page to which the end is told: `event.clientId`. Default: none. */
  readonly clientId?: string;
}

/** The longest text of an option. Who has a longer URL shares a lane with those that begin alike. */
const MAX_TEXT = 512;

const urlLane = ({ url }: StoredRequest): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.slice(0, MAX_TEXT);
};

/**
 * Stores a request as a job. Resolves when it is stored; the request itself stays unread, so it can be sent as well. Calls keep their order,
 * however long their bodies take to read. Its target is its origin. Options of `enqueue` go with it.
 *
 * @example
 * const { id } = await enqueueRequest(queue, new Request('/api/notes', { method: 'POST', body }), { priority: 'high' });
 *
 * @throws PayloadError for a request that cannot be kept: see `storeRequest`; InvalidOptionError; what `enqueue` throws
 */
export async function enqueueRequest<Name extends string = 'request'>(
  queue: RequestQueue<Name>,
  request: Request,
  options: EnqueueRequestOptions<Name> = {},
): Promise<EnqueueAnswer> {
  const {
    name = 'request' as Name,
    lane = urlLane,
    clientId,
    secretHeaders,
    maxBodyBytes,
    form,
    ...rest
  } = options;
  checkBytes(maxBodyBytes);
  if (clientId !== undefined && typeof clientId !== 'string')
    throw new InvalidOptionError('clientId', clientId, 'a text');
  const reading = storeRequest(request, { secretHeaders, maxBodyBytes, form });
  return inTurn(queue, reading, (read) =>
    enqueueStored(queue, name, { ...read, ...(clientId && { clientId }) }, { ...rest, lane }),
  );
}

/** What was read from a request already. `name` is one of a job for requests. */
export function enqueueStored<Name extends string>(
  queue: RequestQueue<Name>,
  name: Name,
  stored: StoredRequest,
  { lane = urlLane, ...options }: Pick<EnqueueRequestOptions, 'lane'> & Omit<EnqueueOptions, 'lane'>,
): Promise<EnqueueAnswer> {
  const own = typeof lane === 'function' ? lane(stored) : lane;
  return (queue as RequestQueue).enqueue(name as 'request', stored, {
    target: new URL(stored.url).origin.slice(0, MAX_TEXT),
    ...(own !== undefined && { lane: own }),
    ...options,
  });
}

function checkBytes(given: unknown): void {
  if (given === undefined) return;
  if (!(Number.isInteger(given) && (given as number) >= 1 && (given as number) <= MAX_BODY_BYTES))
    throw new InvalidOptionError('maxBodyBytes', given, `a whole number from 1 to ${MAX_BODY_BYTES}`);
}
