import type { StoreClosedError } from '../kernel/errors.ts';
import type { Wait } from '../kernel/messages.ts';
import type { Hint } from '../kernel/store.ts';
import type { HeldJob } from './emitter.ts';

export type Runs = true | Wait | undefined;

/** Of several: one that runs them is enough. */
export const runsOf = (said: readonly Runs[]): Runs =>
  said.includes(true) ? true : said.find((one) => one !== undefined);

/** What is added to a queue by whoever uses it, in this context: its workers, its views, who waits for a result. */
export interface Part {
  /** Something happened, here or in another context; or new work is on its way to the store, and what is asked from now on finds it there. */
  hear?(hint: Hint): void;
  /** Something happened in another context. */
  hearElsewhere?(): void;
  /** Workers here know already that one of them let others go on, and no store tells it here. */
  hearFreed?(hint: Hint): void;
  /** Ends what runs, within the grace. A later call with a shorter one hurries it. */
  stop?(graceMs: number): Promise<void>;
  /** After all parts have stopped. */
  close?(error: StoreClosedError): void;
  /** What was stored is gone. */
  lose?(): void;
  /** Jobs that it had claimed. */
  held?(): readonly HeldJob[];
  /** Ids of the workers that it runs. */
  workerIds?(): readonly string[];
  /** Whether it runs jobs of this name: true, or why not now; undefined: it has no handler for them. */
  runs?(name: string): Runs;
  /** Since when a handler that outlived its attempt keeps this job from beginning here. */
  stuckSince?(id: string): number | undefined;
}
