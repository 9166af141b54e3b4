import { ServerError } from '../kernel/errors.ts';

/**
 * What a handler returned, unless it is a response that is no success: who returns what `fetch` gave him has not looked at its status, and a 500
 * would be taken for done. It fails the attempt as a ServerError: nothing is done and nothing is dead because of a mistake of that kind.
 * Opaque responses (`no-cors`) say nothing, and pass.
 */
export function returned(result: unknown): unknown {
  // By its tag, not by its class: frames and polyfills have classes of their own.
  if (Object.prototype.toString.call(result) !== '[object Response]') return result;
  const { ok, status, type } = result as {
    readonly ok: boolean;
    readonly status: number;
    readonly type: string;
  };
  if (ok || type === 'opaque') return result;
  throw new ServerError(`the handler returned a response of status ${status}`, { status });
}
