import { env, exports } from 'cloudflare:workers';
import { count } from 'holdfast';
import { type HttpFrontOptions, httpFront, queueClient } from 'holdfast/edge';
import { jobs, use } from './worker.ts';

export const HOUR_MS = 3_600_000;
export const JSON_TYPE = { 'content-type': 'application/json' };

let made = 0;

interface Call {
  readonly token?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** A queue nobody has used, seen over HTTP and by its client. `kind`: which pages may call. */
export function openFront(kind: 'closed' | 'paged' | 'open' = 'closed') {
  const name = `front-${++made}`;
  const client = queueClient(env.MAILER, name, { jobs, use });
  const call = (path: string, { token = 'all', method, headers = {}, body }: Call = {}) =>
    exports.default.fetch(`https://queue.example/${name}/${kind}/api${path}`, {
      ...(method === undefined ? {} : { method }),
      ...(body === undefined ? {} : { body }),
      headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
      redirect: 'manual',
    });
  const post = (body: unknown, { headers, ...more }: Call = {}) =>
    call('/jobs', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify(body),
      ...more,
    });
  const stored = async () => {
    const { pending, active, completed, dead } = await count(client);
    return pending + active + completed + dead;
  };
  return { name, client, call, post, stored };
}

export const letter = (more: object = {}) => ({ name: 'letter', payload: { to: 'a' }, ...more });

export type FrontOptions = HttpFrontOptions<typeof jobs>;

/** A front over a queue that does nothing but what it is told to, and what that was asked. */
export function fakedFront({ fails, ...options }: Partial<FrontOptions> & { fails?: unknown } = {}) {
  const asked: string[] = [];
  const queue: FrontOptions['queue'] = {
    name: 'front',
    async enqueue() {
      asked.push('enqueue');
      if (fails !== undefined) throw fails;
      return { id: 'x', status: 'enqueued' };
    },
    async call() {
      asked.push('get');
      if (fails !== undefined) throw fails;
      return undefined as never;
    },
  };
  const authorize = () => {
    asked.push('authorize');
    return true;
  };
  return { asked, front: httpFront({ queue, jobs, authorize, onError: () => {}, ...options }) };
}
