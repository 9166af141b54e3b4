import type { Codec } from './codec.ts';
import { type Features, hooksOf, type Ran } from './features.ts';
import type { Durability } from './job.ts';
import type { Rows, Rule } from './rows.ts';
import type { Step } from './step.ts';
import type { Hint, Store, Transaction } from './store.ts';

/** What can be done with the rows of one queue, in one transaction. */
export interface Operation<in Args = never, out Answer = unknown> {
  readonly name: string;
  readonly kind: Transaction<Answer>['kind'];
  /** Seals what has to be sealed, at once; what it returns runs in a transaction. Throws for what cannot be stored. */
  rule(args: Args, codec: Codec, features: Features): Rule<Answer>;
  /** See `Transaction`. */
  isPlain?(args: Args): boolean;
  isAwaited?(answer: Answer): boolean;
  workerOf?(args: Args): string;
  durabilityOf?(args: Args): Durability | undefined;
  /** What other openings should look for. */
  hint?(answer: Answer, args: Args): Hint | undefined;
}

/** Runs an operation on a queue of the store. `clock` is read when the transaction begins. Never throws: it rejects. */
export function execute<Args, Answer>(
  { transact, codec }: Pick<Store, 'transact' | 'codec'>,
  queue: string,
  features: Features,
  operation: Operation<Args, Answer>,
  args: Args,
  clock: () => number,
  onSent?: () => void,
): Promise<Answer> {
  try {
    return transact(transactionOf(codec, queue, features, operation, args, clock, onSent));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What a store is to run. Throws what refuses it before anything is run: a payload that cannot be stored. */
export function transactionOf<Args, Answer>(
  codec: Codec,
  queue: string,
  features: Features,
  operation: Operation<Args, Answer>,
  args: Args,
  clock: () => number,
  onSent?: () => void,
): Transaction<Answer> {
  const rule = operation.rule(args, codec, features);
  return {
    queue,
    name: operation.name,
    args,
    kind: operation.kind,
    features,
    run: (rows) => {
      const now = clock();
      rows.features = features;
      const step = rule(rows, now);
      return features.ran.length === 0 ? step : followed(rows, step, { name: operation.name, args }, now);
    },
    isPlain: operation.isPlain?.(args) ?? false,
    ...(operation.workerOf && { workerId: operation.workerOf(args) }),
    durability: operation.durabilityOf?.(args),
    ...(operation.isAwaited && { isAwaited: operation.isAwaited }),
    hint: (answer) => operation.hint?.(answer, args),
    onSent,
  };
}

/** The operation, and what its page's features add to it. */
function* followed<Answer>(
  rows: Rows,
  step: Step<Answer>,
  ran: Omit<Ran, 'answer'>,
  now: number,
): Step<Answer> {
  const answer = yield* step;
  for (const feature of hooksOf(rows).ran) yield* feature.ran(rows, { ...ran, answer }, now);
  return answer;
}
