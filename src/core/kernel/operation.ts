import type { Codec } from './codec.ts';
import { InvalidOptionError } from './errors.ts';
import { logged } from './log.ts';
import type { Transition } from './messages.ts';
import type { Rule } from './rows.ts';
import type { Hint, Logging, Store, Transaction } from './store.ts';

/** What can be done with the rows of one queue, in one transaction. */
export interface Operation<in Args = never, out Answer = unknown> {
  readonly name: string;
  readonly kind: Transaction<Answer>['kind'];
  /** Seals what has to be sealed, at once; what it returns runs in a transaction. Throws for what cannot be stored. */
  rule(args: Args, codec: Codec): Rule<Answer>;
  /** See `Transaction`. */
  isPlain?(args: Args): boolean;
  isAwaited?(answer: Answer): boolean;
  workerOf?(args: Args): string;
  /** What other openings should look for. */
  hint?(answer: Answer, args: Args): Hint | undefined;
  /** What it changed, for the log. */
  transitions?(answer: Answer, args: Args): readonly Transition[];
}

/** Runs an operation on a queue of the store. `clock` is read when the transaction begins. Never throws: it rejects. */
export function execute<Args, Answer>(
  { transact, codec, logSize }: Pick<Store, 'transact' | 'codec' | 'logSize'>,
  queue: string,
  operation: Operation<Args, Answer>,
  args: Args,
  clock: () => number,
): Promise<Answer> {
  try {
    return transact(transactionOf(codec, logSize, queue, operation, args, clock));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What a store is to run. Throws what refuses it before anything is run: a payload that cannot be stored. */
export function transactionOf<Args, Answer>(
  codec: Codec,
  logSize: number | undefined,
  queue: string,
  operation: Operation<Args, Answer>,
  args: Args,
  clock: () => number,
): Transaction<Answer> {
  const rule = operation.rule(args, codec);
  return {
    queue,
    name: operation.name,
    args,
    kind: operation.kind,
    run: (rows) => {
      const now = clock();
      const step = rule(rows, now);
      const { transitions } = operation;
      return logSize === undefined || transitions === undefined
        ? step
        : logged(rows, step, logSize, now, (answer) => transitions(answer, args));
    },
    isPlain: operation.isPlain?.(args) ?? false,
    ...(operation.workerOf && { workerId: operation.workerOf(args) }),
    ...(operation.isAwaited && { isAwaited: operation.isAwaited }),
    hint: (answer) => operation.hint?.(answer, args),
  };
}

/** Throws InvalidOptionError. */
export function checkLogSize({ logSize }: Logging): number | undefined {
  if (logSize !== undefined && !(Number.isSafeInteger(logSize) && logSize >= 1))
    throw new InvalidOptionError('logSize', logSize, 'a whole number, 1 or more');
  return logSize;
}
