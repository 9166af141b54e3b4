import type { Definitions, PayloadOf } from './definitions.ts';
import type { EnqueueOptions } from './enqueue-options.ts';

/** One of a batch. */
export type EnqueueItem<Jobs extends Definitions> = {
  [Name in keyof Jobs & string]: EnqueueOptions & {
    readonly name: Name;
    readonly payload: PayloadOf<Jobs[Name]>;
  };
}[keyof Jobs & string];
