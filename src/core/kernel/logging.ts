import { InvalidOptionError } from './errors.ts';
import { logged } from './log.ts';
import type { Transition } from './messages.ts';
import type { Rule } from './rows.ts';

/** An option of every store. */
export interface Logging {
  /**
   * Keeps the last transitions of each queue, so many and up to 100 more, for `queue.log`. Each transaction that makes some writes one row
   * more, and the queue's row. Default: none are kept. Minimum 1.
   */
  readonly logSize?: number;
}

/** Makes an operation log what it did. */
export type Log = <T>(
  now: number,
  transitionsOf: (answer: T) => readonly Transition[],
  run: Rule<T>,
) => Rule<T>;

/** Where no log is kept, operations stay as they are. Throws InvalidOptionError. */
export function logOf({ logSize }: Logging): Log {
  if (logSize === undefined) return (_now, _transitionsOf, run) => run;
  if (!(Number.isSafeInteger(logSize) && logSize >= 1))
    throw new InvalidOptionError('logSize', logSize, 'a whole number, 1 or more');
  return (now, transitionsOf, run) => logged(run, logSize, now, transitionsOf);
}
