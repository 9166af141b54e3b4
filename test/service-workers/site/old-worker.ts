import { backgroundSync } from 'holdfast/service-worker';
import { patient } from './sync-queue.ts';
import { controlAtOnce } from './worker-scope.ts';

controlAtOnce();
/** Its jobs go on until their signals are aborted. */
const post = (_: string, { signal }: { readonly signal: AbortSignal }): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
backgroundSync(patient, { post }, { concurrency: 10, graceMs: 1_000 });
