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
  /** Resolves in a later task, so that input, rendering and other work get their turn. Absent: the platform's. */
  yield?(): Promise<void>;
  /** A unique id. */
  id(): string;
}

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  setTimer: systemTimer,
  id: randomIds(),
};

/**
 * The same with whole instants: rows are kept in the order of theirs, and their keys hold no fraction (`performance.now()` has). What else it has
 * stays: tests let the clock of a queue run.
 */
export function inWholeMs(environment: Environment): Environment {
  if (!hasMethods(environment, 'now', 'setTimer', 'id'))
    throw new InvalidOptionError('environment', environment, 'an object with now, setTimer and id');
  const later = environment.yield?.bind(environment);
  return {
    ...environment,
    now: () => Math.floor(environment.now()),
    setTimer: (callback, ms) => environment.setTimer(callback, ms),
    ...(later && { yield: later }),
    id: () => environment.id(),
  };
}
