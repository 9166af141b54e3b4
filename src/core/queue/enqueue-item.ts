import type { JobId } from '../kernel/job.ts';
import type { EnqueueAnswer } from '../kernel/messages.ts';
import type { Definitions, PayloadOf } from './definitions.ts';
import type { EnqueueOptionsWith } from './enqueue-options.ts';

/** What an enqueue resolves with. Of a queue whose jobs the compiler knows, the id is of a job of this name. */
export type Enqueued<Name extends string = string> = string extends Name
  ? EnqueueAnswer
  : EnqueueAnswer & { readonly id: JobId<Name> };

/** One of a batch. */
export type EnqueueItem<Jobs extends Definitions, Options extends object = object> = {
  [Name in keyof Jobs & string]: EnqueueOptionsWith<Options> & {
    readonly name: Name;
    readonly payload: PayloadOf<Jobs[Name]>;
  };
}[keyof Jobs & string];
