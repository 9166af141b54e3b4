import { DeadLetterError, RetryLaterError } from '../errors.ts';

/** What the helper needs of a fetch Response. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** A session can only be renewed by the user or the app: until then asking again is of no use to anybody. */
const UNAUTHORISED_HOLD_MS = 60_000;
const DEFAULT_HOLD_MS = 30_000;
/** A server that asks for more has made a mistake (an instant for a duration, say): it is asked again then. */
const MAX_ASKED_MS = 86_400_000;

/**
 * Turns an HTTP answer into what a handler should do. 2xx: returns the response. 408, 425 and 5xx: an Error, so the attempt failed
 * and the backoff decides. 429, and 503 with Retry-After: RetryLaterError for as long as the server asks (30 s if it does not
 * say, at most a day), holding the job's name for all workers. 401: the same for 60 s. Any other status, redirects included, means that
 * the request will never be accepted as it is: DeadLetterError.
 * @param now epoch ms, for a Retry-After that is a date
 */
export function throwForStatus<R extends ResponseLike>(response: R, now: number = Date.now()): R {
  if (response.ok) return response;
  const { status } = response;
  const message = `the server answered ${status}`;
  const asked = retryAfterMs(response.headers.get('retry-after'), now);
  if (status === 429 || (status === 503 && asked !== undefined))
    throw new RetryLaterError({ delayMs: asked ?? DEFAULT_HOLD_MS, hold: true, message });
  if (status === 401) throw new RetryLaterError({ delayMs: UNAUTHORISED_HOLD_MS, hold: true, message });
  if (status >= 500 || status === 408 || status === 425) throw new Error(message);
  throw new DeadLetterError(message);
}

/** Retry-After is seconds or an HTTP date (RFC 9110, section 10.2.3); anything else says nothing. */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1_000 : httpDate(header) - now;
  return Number.isFinite(ms) ? Math.min(MAX_ASKED_MS, Math.max(0, ms)) : undefined;
}

/** Its oldest form names no zone. NaN for what does not begin with a day of the week: Date.parse takes too much for a date. */
function httpDate(text: string): number {
  const date = text.trim();
  return /^(mon|tue|wed|thu|fri|sat|sun)/i.test(date)
    ? Date.parse(date.endsWith('GMT') ? date : `${date} GMT`)
    : Number.NaN;
}
