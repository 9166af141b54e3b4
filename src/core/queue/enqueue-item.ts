import type { Definitions, PayloadOf } from './definitions.ts';
import type { EnqueueOptionsWith } from './enqueue-options.ts';

/** One of a batch. */
export type EnqueueItem<Jobs extends Definitions, Options extends object = object> = {
  [Name in keyof Jobs & string]: EnqueueOptionsWith<Options> & {
    readonly name: Name;
    readonly payload: PayloadOf<Jobs[Name]>;
  };
}[keyof Jobs & string];
