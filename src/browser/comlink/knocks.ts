import { InvalidOptionError } from '../../core/index.ts';
import { isKnock, type Started } from './face.ts';

/** Who calls, as far as the platform says. */
export interface HostCaller {
  /** Of a service worker: the id and the address of its client. */
  readonly clientId?: string;
  readonly url?: string;
}

export type OnKnock = (port: MessagePort, from: HostCaller) => void;

/** Something that messages come from. */
export interface MessageSource {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  start?(): void;
}

interface SharedScope {
  addEventListener(type: 'connect', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'connect', listener: (event: MessageEvent) => void): void;
}

interface ServiceScope {
  readonly clients: {
    matchAll(options: object): Promise<readonly { postMessage(message: Started): void }[]>;
  };
}

/** Hears the pages that want to be connected to this queue. Returns what ends it. Throws InvalidOptionError where there can be none. */
export function hearKnocks(
  queue: string,
  host: string,
  endpoint: MessageSource | undefined,
  onKnock: OnKnock,
): () => void {
  const hear = ({ data, source }: MessageEvent) => {
    if (isKnock(data, queue)) onKnock(data.port, callerOf(source));
  };
  const scope = globalThis as unknown as object;
  if (endpoint !== undefined) return hearFrom(endpoint, hear);
  if ('onconnect' in scope) return hearPorts(scope as unknown as SharedScope, hear);
  if ('clients' in scope) announce(scope as unknown as ServiceScope, { holdfast: 'started', queue, host });
  else if ('document' in scope || !('postMessage' in scope))
    throw new InvalidOptionError('endpoint', endpoint, 'a MessagePort: this context is no worker');
  return hearFrom(scope as unknown as MessageSource, hear);
}

function hearFrom(source: MessageSource, hear: (event: MessageEvent) => void): () => void {
  source.addEventListener('message', hear);
  source.start?.();
  return () => source.removeEventListener('message', hear);
}

/** Each page that opens a SharedWorker brings a port of its own. No list of them is kept: pages come and go for as long as it lives. */
function hearPorts(scope: SharedScope, hear: (event: MessageEvent) => void): () => void {
  let isOver = false;
  const hearOne = (event: MessageEvent) => {
    if (!isOver) hear(event);
  };
  const connect = ({ ports }: MessageEvent) => {
    for (const port of ports) hearFrom(port, hearOne);
  };
  scope.addEventListener('connect', connect);
  return () => {
    isOver = true;
    scope.removeEventListener('connect', connect);
  };
}

/** Pages that wait for events connect again: the browser stopped the service worker before this one. */
function announce({ clients }: ServiceScope, message: Started): void {
  clients.matchAll({ includeUncontrolled: true, type: 'all' }).then(
    (all) => {
      for (const client of all) client.postMessage(message);
    },
    () => undefined,
  );
}

function callerOf(source: unknown): HostCaller {
  const { id, url } = Object(source) as { readonly id?: unknown; readonly url?: unknown };
  return {
    ...(typeof id === 'string' && { clientId: id }),
    ...(typeof url === 'string' && { url }),
  };
}
