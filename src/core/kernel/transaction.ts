import type { Rule } from './rows.ts';
import type { Hint } from './store.ts';

/** How a store runs an operation: in one transaction over the rows of the queue, telling other openings `hint` after its commit. */
export interface Transaction<T> {
  readonly queue: string;
  /** A reader changes nothing, an enqueuer brings new work, a drainer settles, claims and steers what is there. */
  readonly kind: 'reader' | 'enqueuer' | 'drainer';
  readonly run: Rule<T>;
  /** As a rule it touches jobs, claims and the queue's row, and nothing else: a worker's exchange, or an enqueue that has nothing to look up. */
  readonly isPlain?: boolean;
  /** The worker on whose behalf. */
  readonly workerId?: string;
  /** What other openings should look for, by the answer. */
  readonly hint?: (answer: T) => Hint | undefined;
}

/** What a store brings: a way to run one. */
export type Transact = <T>(transaction: Transaction<T>) => Promise<T>;
