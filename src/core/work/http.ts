import { DeadLetterError, ServerError, UnreachableError, type UnreachableReason } from '../kernel/errors.ts';

/** What `throwForStatus` needs of a fetch Response. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

const DEFAULT_PATIENCE_MS = 30_000;
/** A server that asks for more has made a mistake (an instant for a duration, say): it is asked again then. */
export const MAX_ASKED_MS = 86_400_000;
/**
 * Statuses by which a server, or what stands before it, says that the request did not get through: too slow (408, 504), too early (425), no
 * server behind the gateway (502, 503), none behind Cloudflare's (520 to 530), a network that wants a sign-in first (511).
 */
const isUnreached = (status: number): boolean =>
  [408, 425, 502, 503, 504, 511].includes(status) || (status >= 520 && status <= 530);

/**
 * Turns an HTTP status into what a handler should throw; 2xx returns the response.
 *
 * | status | throws | the job |
 * | --- | --- | --- |
 * | 401 | UnreachableError, `signed-out` | waits for a sign-in; no attempt is counted |
 * | 408, 425, 502–504, 511, 520–530 | UnreachableError, `server` | waits; no attempt is counted |
 * | 429, and 503 with Retry-After | UnreachableError, `busy`, with `retryAfterMs` | waits as long as the server asks; no attempt is counted |
 * | other 5xx | ServerError | fails, if other jobs get through |
 * | anything else, redirects included | DeadLetterError | is dead: the request will never be accepted as it is |
 *
 * A Retry-After that says nothing counts as 30 s for 429; more than a day counts as a day.
 *
 * @example
 * const response = throwForStatus(await fetch(url, { method: 'PUT', body, signal }));
 *
 * @param now epoch ms, for a Retry-After that is a date; default: the system's clock
 */
export function throwForStatus<R extends ResponseLike>(response: R, now: number = Date.now()): R {
  if (response.ok) return response;
  const { status } = response;
  const message = `the server answered ${status}`;
  const unreached = (reason: UnreachableReason, retryAfterMs?: number) =>
    new UnreachableError(message, { reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  if (status === 401) throw unreached('signed-out');
  if (status === 429 || status === 503) {
    const asked = retryAfterMs(response.headers.get('retry-after'), now);
    if (asked !== undefined) throw unreached('busy', asked);
    if (status === 429) throw unreached('busy', DEFAULT_PATIENCE_MS);
  }
  if (isUnreached(status)) throw unreached('server');
  if (status >= 500) throw new ServerError(message, { status });
  throw new DeadLetterError(message, { status });
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
