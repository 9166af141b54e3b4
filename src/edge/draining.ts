import { type Caller, type Drained, type DrainOptions, InvalidOptionError } from '../core/index.ts';
import { checkBoolean, checkCount, checkKnown, checkMs } from '../core/queue/options.ts';
import { callable, type PublicOperation } from '../core/queue/queue-operation.ts';

/** As those of `drain`, but for a signal, which does not travel, and the lease, which an object does not need. */
export interface DrainObjectsOptions
  extends Pick<DrainOptions, 'timeoutGraceMs' | 'overlapAfterMs' | 'maxJobs' | 'waitFor' | 'lift'> {
  /** Stops after this long. Default 30,000, at most 600,000. */
  readonly deadlineMs?: number;
  /** Handlers that run at a time in each object. Default 16, at most 1,000. */
  readonly concurrency?: number;
}

/** As an alarm's: what is not done by then goes on in the next. */
const MAX_DRAIN_MS = 600_000;
const MAX_CONCURRENCY = 1_000;

function atMost(option: string, value: number, most: number): number {
  if (value > most) throw new InvalidOptionError(option, value, `at most ${most}`);
  return value;
}

const CHECKS: {
  readonly [Option in keyof DrainObjectsOptions]-?: (option: string, given: unknown) => unknown;
} = {
  deadlineMs: (option, given) => atMost(option, checkMs(option, given), MAX_DRAIN_MS),
  concurrency: (option, given) => atMost(option, checkCount(option, given), MAX_CONCURRENCY),
  timeoutGraceMs: (option, given) => atMost(option, checkMs(option, given), MAX_DRAIN_MS),
  overlapAfterMs: checkMs,
  maxJobs: checkCount,
  waitFor: (option, given) => (given === 'empty' ? given : checkMs(option, given)),
  lift: checkBoolean,
};

/** Not a transaction: whoever serves it runs handlers. */
export const draining: PublicOperation<DrainObjectsOptions, Drained> = {
  name: 'drain',
  kind: 'drainer',
  check(given) {
    const options = checkKnown('drain options', given as Record<string, unknown>, Object.keys(CHECKS));
    for (const [option, value] of Object.entries(options))
      options[option] = CHECKS[option as keyof DrainObjectsOptions](option, value);
    return options;
  },
  rule: () => {
    throw new InvalidOptionError(
      'queue',
      'here',
      'one in a Durable Object: drain(queue, handlers) runs jobs here',
    );
  },
};

/**
 * Runs what is due inside the objects of the queue, with the handlers that their class gave to `serveQueue`. Returns the sums.
 *
 * @example
 * await drainObjects(queueClient(env.JOBS, 'mail', { jobs }), { deadlineMs: 5_000 });
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const drainObjects = /* @__PURE__ */ callable(
  [draining],
  async (queue: Caller, options: DrainObjectsOptions = {}): Promise<Drained> => queue.call(draining, options),
);
