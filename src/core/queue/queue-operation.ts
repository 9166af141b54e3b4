import type { Counts } from '../kernel/messages.ts';
import type { Operation } from '../kernel/operation.ts';
import type { Definitions } from './definitions.ts';
import type { Emitter } from './emitter.ts';
import type { HostOptions } from './host-options.ts';
import type { OptionTable } from './option-table.ts';
import type { Part } from './part.ts';

/** The queue where an operation is carried out, as it sees it. */
export interface Host {
  /** As its user knows it. */
  readonly name: string;
  readonly jobs: Definitions;
  readonly emitter: Emitter;
  readonly options: HostOptions;
  /** What an enqueue may say. */
  readonly accepts: OptionTable;
  /** As they were read last. */
  counts: Counts | undefined;
  readonly parts: ReadonlyMap<unknown, Part>;
  /** It is on its way to the store, and whatever is asked from now on comes after it. */
  sent?(): void;
}

/** An operation as a queue carries it out. */
export interface QueueOperation<Args, Answer> extends Operation<Args, Answer> {
  /** Adds what the queue says, and no caller. */
  amend?(args: Args, host: Host): Args;
  /** Adds what the queue's context knows. */
  finish?(answer: Answer, host: Host): Answer;
  /** Emits what came of it. */
  tell?(answer: Answer, args: Args, host: Host): void;
  /** Who watches the queue need not look for its sake: it says itself when it is done. */
  readonly isQuiet?: true;
  /** What workers here should look for, where that is not what `hint` says. */
  hintHere?(answer: Answer): 'work' | 'cancel';
  /** Instants in it, by their paths: over a border they go as ms from now. Of what each queue calls, `remote/borders.ts` says this and the next two. */
  readonly instants?: Instants;
  /** Paths of arguments that are of this context alone: they do not go over a border. */
  readonly stays?: readonly string[];
  /** How it is repeated when its answer was lost, where not as it is. `false`: its caller sees to that. */
  readonly again?: false | Again<Args, Answer>;
  /** Carries it out where the queue lies in several objects: the edge knows how of the kernel's operations alone. */
  spread?(call: SpreadCall<Args, Answer>, args: Args): Promise<Answer>;
}

/** One call of an operation on its way to the objects of a queue. What asks several waits for all before it rejects. */
export interface SpreadCall<Args, Answer> {
  /** Asks one object. */
  ask(object: string, args: Args): Promise<Answer>;
  /** Asks it something else. */
  askFor<Given, Found>(object: string, other: QueueOperation<Given, Found>, args: Given): Promise<Found>;
  /** Asks every object. */
  all(args: Args): Promise<readonly Answer[]>;
  /** Asks each object once for those whose ids lead to it. What comes of it is in input order. */
  byId<Item extends OfId, One>(
    items: readonly Item[],
    ask: (object: string, part: readonly Item[]) => Promise<readonly One[]>,
  ): Promise<readonly One[]>;
  /** Where the id led before, when the queue lay in another number of objects. */
  formerOf(id: string): readonly string[];
  /** Where `look` finds what has this id; else where the id leads to. */
  placeOf(id: string, look: Operation<OfId, unknown>): Promise<string>;
}

export interface OfId {
  readonly id: string;
}

/** `until`; `jobs[].runAt`: of each item of a list. `{}` instead of `[]`: of each value of a record. */
export interface Instants {
  readonly args?: readonly string[];
  /** Those that callers act on: others stay as the clock of the host has them. */
  readonly answer?: readonly string[];
}

export interface Again<Args, Answer> {
  args(args: Args): Args;
  /** As the first call would have been answered. */
  answer(answer: Answer, args: Args): Answer;
}

/** An operation that callers here and elsewhere may ask for. */
export interface PublicOperation<Args, Answer> extends QueueOperation<Args, Answer> {
  /** The arguments, whoever gave them, as a copy. Throws InvalidOptionError. */
  check(given: unknown, host: Pick<Host, 'accepts'>): Args;
  /** Checks for a caller elsewhere what its own queue would have checked by the definitions. Rejects with PayloadError. */
  admit?(args: Args, host: Host & Caller): Promise<void>;
}

/** Something that operations can be called on: a queue here, or one elsewhere. */
export interface Caller {
  readonly name: string;
  /** Checks the arguments and carries the operation out. Rejects with InvalidOptionError, and as the operation says. */
  call<Args, Answer>(operation: PublicOperation<Args, Answer>, args: Args): Promise<Answer>;
}

/** The same of a queue whose jobs are known to the compiler: what is read has their types. */
export interface CallerOf<Jobs extends Definitions> extends Caller {
  readonly jobs?: Jobs;
}

/** A function over a queue, with the operations that it calls: what `expose` needs to know to serve it. */
export type Callable<Run> = Run & { readonly operations: readonly PublicOperation<unknown, unknown>[] };

export function callable<Run extends (queue: never, ...args: never[]) => unknown>(
  operations: readonly PublicOperation<unknown, unknown>[],
  run: Run,
): Callable<Run> {
  return Object.assign(run, { operations });
}
