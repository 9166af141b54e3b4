import { InvalidOptionError } from '../../core/index.ts';
import { hasMethods } from '../../core/queue/options.ts';
import type { Knock } from './face.ts';

/** Where a queue is hosted: what `new Worker`, `new SharedWorker` and `navigator.serviceWorker.ready` bring, or a port to it. */
export type HostWorker = Worker | SharedWorker | ServiceWorker | ServiceWorkerRegistration | MessagePort;

/** A host, as a page knocks at it. */
export interface Target {
  post(message: Knock, transfer: Transferable[]): void;
  /** Calls back when its script cannot be loaded or fails. Returns what ends it. */
  onError(listener: (message: string) => void): () => void;
  end(): void;
  /** The browser ends it whenever it is idle: it is only made again for a reason. */
  readonly isTransient: boolean;
}

/** Throws InvalidOptionError. */
export function targetOf(worker: HostWorker): Target {
  if (isRegistration(worker)) {
    if (worker.active === null)
      throw new InvalidOptionError(
        'worker',
        worker,
        'a registration with an active service worker: navigator.serviceWorker.ready',
      );
    return targetOf(worker.active);
  }
  const port = 'port' in Object(worker) ? (worker as SharedWorker).port : worker;
  if (!hasMethods(port, 'postMessage'))
    throw new InvalidOptionError(
      'worker',
      worker,
      'a Worker, a SharedWorker, a service worker or a MessagePort',
    );
  return {
    post: (message, transfer) => {
      if (hasMethods(port, 'start')) (port as MessagePort).start();
      (port as MessagePort).postMessage(message, transfer);
    },
    onError: (listener) => hearErrors(worker as Worker, listener),
    end: () => {
      if (hasMethods(worker, 'terminate')) (worker as Worker).terminate();
      else if (port !== worker) (port as MessagePort).close();
    },
    isTransient: 'scriptURL' in Object(worker),
  };
}

const isRegistration = (worker: object): worker is ServiceWorkerRegistration => 'active' in Object(worker);

function hearErrors(worker: Worker, listener: (message: string) => void): () => void {
  if (!hasMethods(worker, 'addEventListener', 'removeEventListener')) return () => undefined;
  const hear = (event: Event) => listener(String((event as Partial<ErrorEvent>).message ?? ''));
  worker.addEventListener('error', hear);
  return () => worker.removeEventListener('error', hear);
}
