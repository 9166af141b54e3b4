import { v7 } from 'uuid';
import { InvalidOptionError } from '../kernel/errors.ts';
import { fillRandom } from '../random.ts';
import { systemTimer } from '../timer.ts';
import { hasMethods } from './options.ts';

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

const ID_BYTES = 16;
const POOLED = 256;

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

/** UUIDs of version 7. Asking the platform for randomness costs 20 times what the rest of an id does: it is fetched for 256 at a time. */
function randomIds(): () => string {
  let parts: readonly Uint8Array[] = [];
  const given = { random: new Uint8Array() };
  let used = 0;
  let pool: Uint8Array<ArrayBuffer> | undefined;
  return () => {
    if (pool === undefined) {
      const all = new Uint8Array(POOLED * ID_BYTES);
      parts = Array.from({ length: POOLED }, (_, i) => all.subarray(i * ID_BYTES, (i + 1) * ID_BYTES));
      pool = all;
    }
    if (used === 0) fillRandom(pool);
    given.random = parts[used] as Uint8Array<ArrayBuffer>;
    used = (used + 1) % POOLED;
    return v7(given);
  };
}

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
