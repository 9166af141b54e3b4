import { InvalidOptionError } from '../kernel/errors.ts';
import { systemTimer } from '../timer.ts';
import { hasMethods } from './options.ts';
import { randomIds } from './random-ids.ts';

/** All that the runtime takes from the world. Replace it to run on a clock of your own: see `holdfast/testing`. */
export interface Environment {
  /** Epoch ms; fractions are cut off. */
  now(): number;
  /** Calls back once, in `ms` or later; answers what cancels it. */
  setTimer(callback: () => void, ms: number): () => void;
  /** Resolves in a later task, so that input, rendering and other work get their turn. */
  yield(): Promise<void>;
  /** A unique id. */
  id(): string;
}

/** Where there is one, a later task costs a microsecond; a channel for each 40. Taken here, before tests put timers of their own in its place. */
const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => void };

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  setTimer: systemTimer,
  yield: () =>
    // Not setTimeout: browsers clamp nested ones to 4 ms, and those of hidden tabs to seconds.
    new Promise((resolve) => {
      if (setImmediate !== undefined) {
        setImmediate(resolve);
        return;
      }
      try {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resolve();
        };
        port2.postMessage(undefined);
      } catch {
        setTimeout(resolve, 0); // It is missing, or forbidden.
      }
    }),
  id: randomIds(),
};

/** The same with whole instants: rows are kept in the order of theirs, and their keys hold no fraction (`performance.now()` has). */
export function inWholeMs(environment: Environment): Environment {
  if (!hasMethods(environment, 'now', 'setTimer', 'yield', 'id'))
    throw new InvalidOptionError('environment', environment, 'an object with now, setTimer, yield and id');
  return {
    now: () => Math.floor(environment.now()),
    setTimer: (callback, ms) => environment.setTimer(callback, ms),
    yield: () => environment.yield(),
    id: () => environment.id(),
  };
}
