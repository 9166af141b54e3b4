import type { JobError, Queue } from '../../core/index.ts';
import type { RequestResult } from './request-handler.ts';
import type { StoredRequest } from './stored-request.ts';

/** What the page that asked is told when its request has ended. */
export interface RequestEnd {
  readonly type: 'holdfast:request-end';
  readonly queue: string;
  /** Of the job, as the 202 had it. */
  readonly id: string;
  readonly state: 'completed' | 'dead';
  /** The last HTTP status. Absent: there was none, as for an opaque response, or a server that was never reached. */
  readonly status?: number;
  /** Why it is dead. */
  readonly error?: { readonly name: string; readonly message: string };
}

/** What is used of a service worker's pages: only some projects have its types. */
interface Clients {
  get(id: string): Promise<{ postMessage(message: unknown): void } | undefined>;
}

const TYPE = 'holdfast:request-end';

/** `throwForStatus` names the status in its message, which is what a dead job keeps. */
const statusIn = ({ message }: JobError): number | undefined => {
  const [, status] = /^the server answered (\d{3})$/.exec(message) ?? [];
  return status === undefined ? undefined : Number(status);
};

/**
 * In the service worker that sends requests: tells each page the end of its own requests, by a message to that page alone (`clientId`).
 * A page that is gone is told nothing, and neither is one whose request was cancelled; what became of a dead request is among the dead letters.
 * Call it once for a queue, when the service worker starts. Returns what ends it.
 *
 * @example
 * tellClients(queue);
 * backgroundSync(queue, { request: requestHandler() });
 */
export function tellClients(queue: Pick<Queue, 'name' | 'on'>): () => void {
  const { clients } = globalThis as { readonly clients?: Clients };
  if (clients === undefined) return () => undefined;
  const post = async (payload: unknown, end: Omit<RequestEnd, 'type' | 'queue'>) => {
    const clientId = (payload as Partial<StoredRequest> | undefined)?.clientId;
    if (typeof clientId !== 'string') return;
    const client = await clients.get(clientId);
    client?.postMessage({ type: TYPE, queue: queue.name, ...end } satisfies RequestEnd);
  };
  const ends = [
    queue.on('job:completed', ({ job, result }) => {
      const { status, moved } = (result ?? {}) as Partial<RequestResult>;
      if (moved) return;
      return post(job.payload, { id: job.id, state: 'completed', ...(status && { status }) });
    }),
    queue.on('job:dead', ({ job, error }) => {
      const status = statusIn(error);
      const { name, message } = error;
      return post(job.payload, {
        id: job.id,
        state: 'dead',
        ...(status && { status }),
        error: { name, message },
      });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/**
 * In a page: calls back when a request of this page has ended. Messages are lossy, as the page may be frozen or gone: after a reload ask the
 * queue. Only messages of this site's service workers in the shape of `RequestEnd` count. Returns what ends it; does nothing where there are no
 * service workers.
 *
 * @example
 * onRequestEnd(({ id, state, status }) => show(id, state === 'completed' ? 'sent' : `refused: ${status}`));
 */
export function onRequestEnd(listener: (end: RequestEnd) => void): () => void {
  const container = globalThis.navigator?.serviceWorker;
  if (container === undefined) return () => undefined;
  const hear = ({ data, source }: MessageEvent) => {
    if (!(source instanceof ServiceWorker)) return;
    const end = endOf(data);
    if (end !== undefined) listener(end);
  };
  container.addEventListener('message', hear);
  container.startMessages();
  return () => container.removeEventListener('message', hear);
}

/** A copy of what has the shape; undefined for anything else. */
export function endOf(data: unknown): RequestEnd | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, queue, id, state, status, error } = data as { readonly [Key in keyof RequestEnd]?: unknown };
  if (type !== TYPE || typeof queue !== 'string' || typeof id !== 'string') return undefined;
  if (state !== 'completed' && state !== 'dead') return undefined;
  const { name, message } = (error ?? {}) as { readonly name?: unknown; readonly message?: unknown };
  return {
    type,
    queue,
    id,
    state,
    ...(typeof status === 'number' && { status }),
    ...(typeof name === 'string' && typeof message === 'string' && { error: { name, message } }),
  };
}
