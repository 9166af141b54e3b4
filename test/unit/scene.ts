import {
  createQueue,
  type Definitions,
  type Feature,
  type MemoryBacking,
  memoryBacking,
  memoryStore,
  type OptionsOf,
  type Queue,
  type QueueOptions,
  StoreError,
} from 'holdfast';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { laterTask } from '../../src/core/queue/later-task.ts';
import { type WatchedStore, watchedStore } from './watched-store.ts';

/** One queue on a clock that stands still until it is told to go on, over a fresh store. */
export interface Scene<Jobs extends Definitions, Options extends object = object> {
  readonly queue: Queue<Jobs, Options>;
  readonly environment: FakeEnvironment;
  readonly store: WatchedStore;
  /** Time that passed since the scene was set, in ms. */
  readonly elapsed: () => number;
}

export interface SceneOptions<Jobs extends Definitions, Use extends readonly Feature[] = readonly Feature[]>
  extends Partial<Omit<QueueOptions<Jobs, Use>, 'jobs' | 'store' | 'environment'>> {
  /** Another opening of these rows. */
  readonly backing?: MemoryBacking;
  readonly environment?: FakeEnvironment;
}

export function setScene<
  const Jobs extends Definitions,
  const Use extends readonly Feature[] = readonly Feature[],
>(
  jobs: Jobs,
  { backing = memoryBacking(), environment = fakeEnvironment(), ...options }: SceneOptions<Jobs, Use> = {},
): Scene<Jobs, OptionsOf<Use>> {
  const store = watchedStore(memoryStore({ backing }));
  const queue = createQueue<Jobs, Use>({ name: 'sync', jobs, store, environment, ...options });
  const start = environment.now();
  return { queue, environment, store, elapsed: () => environment.now() - start };
}

/** Lets a store join transactions, which here are nothing but marks. Returns those that it joined. */
export function joinable(store: WatchedStore): readonly unknown[] {
  const joined: unknown[] = [];
  store.join = function (this: unknown, transaction) {
    if (this !== store) throw new TypeError('join is called as a method of its store');
    joined.push(transaction);
    return store.transact;
  };
  return joined;
}

/** What a promise has come to by now; throws if it has not. */
export async function ended<T>(promise: Promise<T>): Promise<T> {
  const late = laterTask({}).then(() => {
    throw new Error('it has not ended by now');
  });
  return Promise.race([promise, late]);
}

/** A promise, and who can end it. */
export function latch<T = void>() {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** A handler that goes on until its signal is aborted, and then throws the reason. */
export const untilAborted = (_payload: unknown, { signal }: { readonly signal: AbortSignal }) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** A handler that never ends, whatever its signal says. */
export const deaf = () => new Promise<never>(() => {});

/** Resolves after `ms` of the environment's time. */
export const pass = (environment: FakeEnvironment, ms: number) =>
  new Promise<void>((resolve) => {
    environment.setTimer(resolve, ms);
  });

export const lostConnection = () => new StoreError('the connection was lost', { retryable: true });
