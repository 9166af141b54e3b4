import { v7 } from 'uuid';

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

/** Timers hold 31 bits of ms: a longer one would fire at once, so it is made of several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  setTimer(callback, ms) {
    let left = ms;
    const next = (): ReturnType<typeof setTimeout> => {
      const part = Math.min(left, MAX_TIMER_MS);
      left -= part;
      return setTimeout(() => {
        if (left > 0) timer = next();
        else callback();
      }, part);
    };
    let timer = next();
    return () => clearTimeout(timer as never); // Each platform has a type of its own for it.
  },
  yield: () =>
    // Not setTimeout: browsers clamp nested ones to 4 ms, and those of hidden tabs to seconds.
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }),
  id: () => v7(),
};

/** The same with whole instants: rows are kept in the order of theirs, and their keys hold no fraction (`performance.now()` has). */
export const inWholeMs = (environment: Environment): Environment => ({
  now: () => Math.floor(environment.now()),
  setTimer: (callback, ms) => environment.setTimer(callback, ms),
  yield: () => environment.yield(),
  id: () => environment.id(),
});
