import type { Store, Transaction } from 'holdfast';
import { type StoreCalls, storeCalls } from '../../src/testing/store-calls.ts';

/** What a store was asked: an operation by its name, or to close. */
export type Method = Exclude<keyof StoreCalls, Exclude<keyof Store, 'close'>>;

export interface Call {
  readonly method: Method;
  readonly request: never;
}

/** Carries out a transaction, or has something else happen. */
type Around = <T>(transaction: Transaction<T>, next: () => Promise<T>) => Promise<T>;

/** A store that tells what it was asked, and fails or waits when it is told to. */
export interface WatchedStore extends StoreCalls {
  readonly calls: readonly Call[];
  callsOf(method: Method): number;
  /** Fails the next calls of a method: before anything is done or, with `after`, when all of it is done. */
  failNext(method: Method, error: unknown, how?: { readonly times?: number; readonly after?: boolean }): void;
  /** Fails each call of a method whose request is such a one, before anything is done. */
  failWhen(method: Method, error: unknown, isSuch: (request: never) => boolean): void;
  /** Fails every call until the answered function is called. */
  failAll(error: unknown): () => void;
  /** Keeps the next call of a method waiting until the answered function is called: before it does anything or, with `after`, when all of it is done. */
  holdNext(method: Method, how?: { readonly after?: boolean }): () => void;
  /** From now on each transaction goes through this. */
  around(how: Around): void;
}

interface Failure {
  readonly error: unknown;
  readonly after: boolean;
}

interface Wait {
  readonly over: Promise<void>;
  readonly after: boolean;
}

async function disturbed<T>(
  ask: () => Promise<T>,
  wait: Wait | undefined,
  failure: Failure | undefined,
  refusal: unknown,
): Promise<T> {
  if (wait?.after === false) await wait.over;
  if (failure !== undefined && !failure.after) throw failure.error;
  if (refusal !== undefined) throw refusal;
  const answer = await ask();
  if (wait?.after === true) await wait.over;
  if (failure !== undefined) throw failure.error;
  return answer;
}

export function watchedStore(inner: Store): WatchedStore {
  const calls: Call[] = [];
  const failures = new Map<Method, Failure[]>();
  const waits = new Map<Method, Wait[]>();
  const refusals: { method: Method; error: unknown; isSuch: (request: never) => boolean }[] = [];
  let down: Failure | undefined;
  let pass: Around = (_, next) => next();

  const watched = <T>(method: Method, request: unknown, ask: () => Promise<T>): Promise<T> => {
    calls.push({ method, request: request as never });
    const wait = waits.get(method)?.shift();
    const failure = down ?? failures.get(method)?.shift();
    const refusal = refusals.find((each) => each.method === method && each.isSuch(request as never));
    // No turn more than the store itself takes.
    if (wait === undefined && failure === undefined && refusal === undefined) return ask();
    return disturbed(ask, wait, failure, refusal?.error);
  };

  const store: Store = {
    ...inner,
    transact: (transaction) => {
      const { name, queue, args } = transaction;
      const carry = () => pass(transaction, () => inner.transact(transaction));
      return watched(name as Method, { queue, ...Object(args) }, carry);
    },
    close: () => watched('close', undefined, () => inner.close()),
  };
  return {
    ...storeCalls(store),
    calls,
    callsOf: (method) => calls.filter((call) => call.method === method).length,
    failNext(method, error, { times = 1, after = false } = {}) {
      const failure = { error, after };
      failures.set(method, [
        ...(failures.get(method) ?? []),
        ...Array.from({ length: times }, () => failure),
      ]);
    },
    failWhen(method, error, isSuch) {
      refusals.push({ method, error, isSuch });
    },
    failAll(error) {
      down = { error, after: false };
      return () => {
        down = undefined;
      };
    },
    holdNext(method, { after = false } = {}) {
      let letGo = () => {};
      const over = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      waits.set(method, [...(waits.get(method) ?? []), { over, after }]);
      return letGo;
    },
    around(how) {
      pass = how;
    },
  };
}
