import { claimKey } from '../core/kernel/order.ts';
import type { Rows } from '../core/kernel/rows.ts';
import type { Maybe } from '../core/kernel/step.ts';
import type { Store } from '../core/kernel/store.ts';

/** Hears how many rows a rule has read, or written. */
export type OnStep = (kind: 'read' | 'written', rows: number) => void;

/** What a call of a method says of the rows that it touches. What is not here touches none that are counted. */
type Counts = {
  readonly [Method in keyof Rows]?: Rows[Method] extends
    | ((...args: infer Args) => Maybe<infer Answer>)
    | undefined
    ? (args: Args, answer: Answer) => readonly [kind: 'read' | 'written', rows: number]
    : never;
};

const oneRead = () => ['read', 1] as const;
const allRead = (_: unknown, found: readonly unknown[]) => ['read', found.length] as const;
const oneWritten = () => ['written', 1] as const;

const COUNTS: Counts = {
  job: oneRead,
  find: oneRead,
  nextInLane: oneRead,
  record: oneRead,
  keyHolders: allRead,
  scan: allRead,
  jobsAfter: allRead,
  parkedAfter: allRead,
  finalsAfter: allRead,
  firstForgotten: allRead,
  recordsAfter: allRead,
  putJob: oneWritten,
  moveJob: ([from, row]) => ['written', claimKey(from) === claimKey(row) ? 1 : 2],
  dropJobs: ([places]) => ['written', places.length],
  park: oneWritten,
  unpark: oneWritten,
  putFinal: oneWritten,
  dropFinal: oneWritten,
  putRecord: oneWritten,
  dropRecord: oneWritten,
};

/** The store, whose operations say how many rows they touch: for tests of what they cost. What joins a transaction of the app's is not counted. */
export function countedStore(store: Store, onStep: OnStep): Store {
  return {
    ...store,
    transact: (transaction) =>
      store.transact({ ...transaction, run: (rows) => transaction.run(counted(rows, onStep)) }),
  };
}

type Method = (...args: unknown[]) => unknown;

function counted(rows: Rows, onStep: OnStep): Rows {
  return new Proxy(rows, {
    get(_, name) {
      const value: unknown = Reflect.get(rows, name);
      if (typeof value !== 'function') return value;
      const countOf = COUNTS[name as keyof Counts] as Method | undefined;
      const tell = (args: unknown[], answer: unknown) => {
        if (countOf !== undefined) onStep(...(countOf(args, answer) as Parameters<OnStep>));
        return answer;
      };
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(value, rows, args);
        return answer instanceof Promise ? answer.then((found) => tell(args, found)) : tell(args, answer);
      };
    },
    set: (_, name, value) => Reflect.set(rows, name, value),
  });
}
