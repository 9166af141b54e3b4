import { DeadLetterError, PayloadError } from '../../core/index.ts';
import { messageOf } from '../../core/kernel/errors.ts';
import { formBytes } from './form-bytes.ts';
import { splitHeaders } from './kept-headers.ts';

/** A request as a job keeps it: plain data, its body as bytes, as private windows of WebKit store no Blob. */
export interface StoredRequest {
  readonly url: string;
  readonly method: string;
  /** By lower-case name. None that carries credentials, and none that the browser sets itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: there was none, or an empty one. Its `content-type`, with the boundary of a form, is in `headers`. */
  readonly body?: ArrayBuffer;
  readonly mode?: RequestMode;
  readonly credentials?: RequestCredentials;
  readonly cache?: RequestCache;
  readonly redirect?: RequestRedirect;
  readonly referrer?: string;
  readonly referrerPolicy?: ReferrerPolicy;
  readonly integrity?: string;
  readonly keepalive?: boolean;
  /** It was a form's, or a link's: `mode` is `same-origin`, as scripts cannot make navigations, and a redirect is a success. */
  readonly navigation?: true;
  /** Names of headers that carried credentials: they were not stored. */
  readonly omitted?: readonly string[];
  /** The page that asked: where its end is told. */
  readonly clientId?: string;
}

export interface ReadOptions {
  /** Headers that carry credentials of yours, besides the usual ones: they are not stored. Default: none. */
  readonly secretHeaders?: readonly string[] | undefined;
  /** The most bytes that a body may have. Default and maximum 7 MiB. Minimum 1. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * The form that the request was made with. WebKit cannot read a form with files from a Request: with this nobody has to. Default: the body is
   * read from the request.
   *
   * @example
   * await keepRequest(queue, new Request('/api/photos', { method: 'POST', body: form }), { form });
   */
  readonly form?: FormData | undefined;
}

/** A queue takes about so much in one call. */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;

const KEPT = [
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
] as const satisfies readonly (keyof StoredRequest & keyof Request)[];

/**
 * Reads a request into plain data. Text, JSON, forms with files, Blobs, buffers and streams become bytes. The request stays unread: its body
 * is read from a clone. Headers that carry credentials (`authorization`, `cookie`, anything with a token in its name) are left out; `omitted`
 * has their names.
 *
 * @example
 * const stored = await storeRequest(new Request('/api/notes', { method: 'POST', body: JSON.stringify(note) }));
 *
 * @throws PayloadError for a URL that is not http or https, a body that was read already, and one that is too large
 */
export async function storeRequest(request: Request, options: ReadOptions = {}): Promise<StoredRequest> {
  const { url, method } = request;
  if (!/^https?:/.test(url))
    throw new PayloadError(
      'request.url',
      `is ${JSON.stringify(url.slice(0, 80))}: only http and https are sent again`,
    );
  const { kept, omitted } = splitHeaders(headersOf(request), options.secretHeaders);
  const body = await bodyOf(request, kept['content-type'], options);
  const given = Object.fromEntries(
    KEPT.flatMap((key) => (request[key] === undefined ? [] : [[key, request[key]]])),
  );
  const isNavigation = request.mode === 'navigate';
  return {
    url,
    method,
    headers: kept,
    ...(body && { body }),
    ...given,
    ...(isNavigation && { mode: 'same-origin', navigation: true }),
    ...(omitted.length > 0 && { omitted }),
  };
}

/** `forEach`: the oldest browsers cannot iterate over headers by their types. */
export function headersOf({ headers }: Request): [string, string][] {
  const all: [string, string][] = [];
  headers.forEach((value, name) => {
    all.push([name, value]);
  });
  return all;
}

async function bodyOf(
  request: Request,
  type: string | undefined,
  { form, maxBodyBytes = MAX_BODY_BYTES }: ReadOptions,
): Promise<ArrayBuffer | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (request.bodyUsed)
    throw new PayloadError(
      'request.body',
      'was read already: keep a clone, which is made before the first use',
    );
  const [, boundary] = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(type ?? '') ?? [];
  const body = await (form && boundary ? formBytes(form, boundary) : readBody(request));
  const limit = Math.min(maxBodyBytes, MAX_BODY_BYTES);
  if (body.byteLength > limit)
    throw new PayloadError(
      'request.body',
      `has ${body.byteLength} bytes, and at most ${limit} are stored: upload large files in parts`,
    );
  return body.byteLength === 0 ? undefined : body;
}

async function readBody(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.clone().arrayBuffer();
  } catch (error) {
    // WebKit's words are "Unable to read form data blob".
    throw new PayloadError(
      'request.body',
      `cannot be read here (${messageOf(error)}): give a form with files by the option \`form\``,
    );
  }
}

/**
 * Makes a request of what was stored. Its headers can be changed.
 *
 * @example
 * const request = requestOf(job.payload);
 *
 * @throws DeadLetterError for what no request can be made of
 */
export function requestOf(stored: StoredRequest): Request {
  const { url, method, headers, body } = stored;
  const init = Object.fromEntries(
    KEPT.flatMap((key) => (stored[key] === undefined ? [] : [[key, stored[key]]])),
  );
  try {
    if (!/^https?:/.test(url)) throw new TypeError(`its URL is not one of http or https`);
    return new Request(url, { ...init, method, headers, ...(body && { body }) });
  } catch (cause) {
    throw new DeadLetterError(`no request can be made of what is stored: ${messageOf(cause)}`, { cause });
  }
}
