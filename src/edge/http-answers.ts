import type { Cors } from './http-front-cors.ts';
import { Problem } from './http-front-problem.ts';

/** The Worker's log is where its user looks when nobody said where else. */
export function tellConsole(error: unknown): void {
  // biome-ignore lint/suspicious/noConsole: the caller must not be told, and nobody else is there
  console.error('the HTTP front failed:', error);
}

/** Answers requests, whatever becomes of them: problems as problem details, anything else as 500 without a word why. */
export class HttpAnswers {
  readonly #cors: Cors;
  readonly #onError: (error: unknown) => void;

  constructor(cors: Cors, onError: (error: unknown) => void) {
    this.#cors = cors;
    this.#onError = onError;
  }

  async answer(request: Request, route: (request: Request) => Promise<Response>): Promise<Response> {
    try {
      return this.#marked(await route(request), request);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) this.tell(thrown);
      const problem = thrown instanceof Problem ? thrown : new Problem(500);
      return this.#marked(problem.toResponse(), request);
    }
  }

  tell(error: unknown): void {
    try {
      this.#onError(error);
    } catch {
      // A listener that throws breaks nothing.
    }
  }

  /** The headers that no answer goes without, on a copy: that of `authorize` may be one that cannot be changed. */
  #marked(answer: Response, request: Request): Response {
    const headers = new Headers(answer.headers);
    headers.set('cache-control', 'no-store');
    headers.set('x-content-type-options', 'nosniff');
    this.#cors.mark(headers, request);
    const { status, statusText } = answer;
    return new Response(request.method === 'HEAD' ? null : answer.body, { status, statusText, headers });
  }
}
