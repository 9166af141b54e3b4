import { InvalidOptionError } from '../core/index.ts';
import { checkKnown } from '../core/queue/options.ts';
import { Problem } from './http-front-problem.ts';

export interface CorsOptions {
  /** Whose pages may call: `https://app.example`, each as browsers write it. `*` and `null` are none. */
  readonly origins: readonly string[];
  /** Their calls carry cookies. Default false. */
  readonly credentials?: boolean;
}

/** How long a browser may remember the answer to its preflight. */
const MAX_AGE_S = '600';

/** Which other origins' pages may call. Without options: none, and no header says otherwise. */
export class Cors {
  readonly #origins: ReadonlySet<string> | undefined;
  readonly #credentials: boolean;

  constructor(options: CorsOptions | undefined) {
    if (options !== undefined) checkKnown('cors', options, ['origins', 'credentials']);
    const { origins, credentials = false } = options ?? {};
    if (options !== undefined && !Array.isArray(origins))
      throw new InvalidOptionError('cors.origins', origins, 'an array of origins');
    if (typeof credentials !== 'boolean')
      throw new InvalidOptionError('cors.credentials', credentials, 'true or false');
    this.#origins = origins && new Set(origins.map(checkOrigin));
    this.#credentials = credentials;
  }

  /** A preflight carries no credentials, so it is answered by its origin alone. Throws 403, or 405 when there is no CORS. */
  preflight(request: Request, methods: string): Response {
    if (this.#origins === undefined || !request.headers.has('access-control-request-method'))
      throw new Problem(405, { headers: { allow: methods } });
    if (!this.#allows(request)) throw new Problem(403, { detail: 'this origin may not call' });
    return new Response(null, {
      status: 204,
      headers: {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': MAX_AGE_S,
      },
    });
  }

  mark(headers: Headers, request: Request): void {
    if (this.#origins === undefined) return;
    // Also where the origin is refused: a cache must not give that answer to another.
    headers.append('vary', 'Origin');
    if (!this.#allows(request)) return;
    headers.set('access-control-allow-origin', request.headers.get('origin') as string);
    headers.set('access-control-expose-headers', 'location, retry-after');
    if (this.#credentials) headers.set('access-control-allow-credentials', 'true');
  }

  #allows(request: Request): boolean {
    return this.#origins?.has(request.headers.get('origin') ?? '') === true;
  }
}

function checkOrigin(given: unknown, i: number): string {
  if (typeof given !== 'string' || given.includes('*') || !URL.canParse(given) || originOf(given) !== given)
    throw new InvalidOptionError(
      `cors.origins[${i}]`,
      given,
      'an origin such as "https://app.example", without path or wildcard',
    );
  return given;
}

/** Not by `origin`, which is null for the schemes of apps and extensions: their pages have origins too. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
