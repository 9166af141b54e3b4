/** The browser sets these itself, anew for each request: what was stored would be of another time, and some make a preflight. */
const OF_BROWSER =
  /^(?:sec-.*|proxy-connection|accept-encoding|access-control-request-.*|connection|content-length|dnt|expect|host|keep-alive|origin|referer|te|trailer|transfer-encoding|upgrade|upgrade-insecure-requests|user-agent|via)$/;

/** Names by which apps and frameworks send what proves who somebody is: some words wherever they stand (`accesstoken`), others as a part of their own. */
const SECRET =
  /^cookie2?$|^dpop$|bearer|credential|jwt|passw(?:or)?d|secret|token|(?:^|[-_])(?:auth|authentication|authorization|session|session-?id|api-?key|access-?key|csrf|xsrf)(?:[-_]|$)/;

/** Whether a header proves who the user is, by its lower-case name. A token that is stored would be stale when it is sent, and readable meanwhile. */
export const isSecret = (name: string, more: readonly string[] = []): boolean =>
  SECRET.test(name) || more.some((other) => other.toLowerCase() === name);

export interface SplitHeaders {
  readonly kept: Readonly<Record<string, string>>;
  /** Names of those that are not stored, as they carry credentials. */
  readonly omitted: readonly string[];
}

/** What may be stored of the headers of a request. `secret`: further names that must not be. */
export function splitHeaders(
  headers: Iterable<readonly [string, string]>,
  secret?: readonly string[],
): SplitHeaders {
  const kept: [string, string][] = [];
  const omitted: string[] = [];
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (isSecret(name, secret)) omitted.push(name);
    else if (!OF_BROWSER.test(name)) kept.push([name, value]);
  }
  return { kept: Object.fromEntries(kept), omitted };
}
