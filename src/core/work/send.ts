import { DeadLetterError, InvalidOptionError, UnreachableError } from '../kernel/errors.ts';
import { throwForStatus } from './http.ts';

/** How `send` tells your server from a sign-in page that answers in its place. */
export interface SendOptions {
  /**
   * What a response of your server looks like. In the network of a hotel or a train a sign-in page may answer in its place, with
   * status 200. Any other response throws UnreachableError (`portal`), so that the job is tried again later.
   * - `'same-origin'`: it comes from the origin that was asked, not from where a redirect led.
   * - `'json'`: that, and its content type is JSON, if it has a status of 2xx and a content.
   * - a function: returns true for a response of your server. It gets responses of every status, and must not read the body.
   *
   * Default: every response counts.
   */
  readonly expect?: 'json' | 'same-origin' | ((response: Response) => boolean);
}

/**
 * `fetch` for handlers: returns a response of status 2xx, and throws what tells the queue whether the job failed or its server could not be
 * reached. Opaque responses (`no-cors`) are returned as they are; a redirect that the request does not follow (`redirect: 'manual'`) is a
 * DeadLetterError. It does not retry, and adds no header.
 *
 * @example
 * 'note.push': async (note, { job, signal }) => {
 *   await send(`/api/notes/${note.id}`, {
 *     method: 'PUT',
 *     headers: { 'content-type': 'application/json', 'idempotency-key': job.id },
 *     body: JSON.stringify(note),
 *     signal,
 *     expect: 'json',
 *   });
 * },
 *
 * @param init what `fetch` takes, and `expect`. Give the handler's `signal`: then the end of `timeoutMs` counts as a server that did not answer.
 * @throws TypeError, from building the request (a bad URL, a body for GET): it counts as a failure of the job.
 * @throws UnreachableError when no answer came, when `expect` says that it is none of the server's, or for its status (see `throwForStatus`).
 * @throws ServerError, DeadLetterError for its status.
 * @throws the signal's reason when that was aborted for anything but time.
 */
export async function send(
  request: string | URL | Request,
  init: RequestInit & SendOptions = {},
): Promise<Response> {
  const response = await hear(request, init);
  // The types of Workers do not know these: there are none there.
  const type = response.type as string;
  if (type === 'opaque') return response;
  if (type === 'opaqueredirect')
    throw new DeadLetterError('the server answered with a redirect, which is not followed', {
      status: response.status,
    });
  return throwForStatus(response);
}

/** What the server answered, whatever its status. Throws as `send` does when nobody answered, or somebody else. */
export async function hear(
  request: string | URL | Request,
  init: RequestInit & SendOptions,
): Promise<Response> {
  const { expect, ...rest } = init;
  if (expect !== undefined && expect !== 'json' && expect !== 'same-origin' && typeof expect !== 'function')
    throw new InvalidOptionError('expect', expect, `'json', 'same-origin' or a function`);
  const built = new Request(request, rest);
  const response = await answerOf(built, signalOf(request, rest));
  const isOpaque = (response.type as string) === 'opaque';
  if (expect !== undefined && !isOpaque && !isExpected(expect, built, response))
    throw new UnreachableError(`somebody else than the server answered ${response.status}`, {
      reason: 'portal',
    });
  return response;
}

/** As `fetch` has it: that of the request, unless another is given, or none. */
function signalOf(request: string | URL | Request, init: RequestInit): AbortSignal | undefined {
  if (init.signal !== undefined) return init.signal ?? undefined;
  const isBuilt = typeof request === 'object' && 'signal' in request;
  return isBuilt ? (request as { readonly signal: AbortSignal }).signal : undefined;
}

async function answerOf(request: Request, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    if (!signal?.aborted) throw new UnreachableError(`no answer: ${textOf(cause)}`, { cause });
    if (!isTimeout(signal.reason)) throw signal.reason;
    throw new UnreachableError(`no answer in time: ${textOf(signal.reason)}`, { reason: 'timeout', cause });
  }
}

function isExpected(
  expect: NonNullable<SendOptions['expect']>,
  request: Request,
  response: Response,
): boolean {
  if (typeof expect === 'function') return expect(response) === true;
  // Responses that a service worker made have no URL.
  if (response.url !== '' && new URL(response.url).origin !== new URL(request.url).origin) return false;
  return expect === 'same-origin' || !response.ok || isEmpty(response) || isJson(response);
}

const isEmpty = ({ status, headers }: Response): boolean =>
  status === 204 || status === 205 || headers.get('content-length') === '0';

const isJson = ({ headers }: Response): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? '');

/** Of this queue (`timeoutMs`), or of `AbortSignal.timeout`. */
function isTimeout(reason: unknown): boolean {
  const { code, name } = (reason ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return code === 'JobTimeout' || name === 'TimeoutError';
}

const textOf = (thrown: unknown): string =>
  String((thrown as { readonly message?: unknown } | null | undefined)?.message ?? thrown);
