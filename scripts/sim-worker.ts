/** A thread of `npm run sim`. */
import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from '../src/testing/simulator/simulate.ts';
import type { Share } from './sim.ts';
import { stores } from './sim-stores.ts';

const { seeds, steps, store, without } = workerData as Share;
for (const seed of seeds) {
  const {
    trace: _trace,
    ids: _ids,
    ...told
  } = await simulate({ seed, steps, store: stores[store], without });
  parentPort?.postMessage(told);
}
