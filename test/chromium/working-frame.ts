import { work } from 'holdfast';
import { workerQueue } from 'holdfast/comlink';
import { jobs } from './hosting-worker.ts';

/** A page that takes a job of the SharedWorker at this address and never ends it. */
export function holdOn(name: string, url: string): void {
  const worker = () => new SharedWorker(url, { type: 'module', name });
  work(workerQueue({ name: 'sync', jobs, worker }), { shown: () => new Promise(() => undefined) });
}
