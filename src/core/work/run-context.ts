import type { ClaimedJob } from '../kernel/messages.ts';
import type { EnqueueOptions } from '../queue/enqueue-options.ts';
import type { HandlerContext } from './handler.ts';

/** An attempt, as far as its handler has a hand in it. */
export interface Handled {
  readonly claimed: ClaimedJob;
  readonly signal: AbortSignal;
  tell(value: unknown): void;
  leave(value: unknown): Promise<boolean>;
  extend(): Promise<boolean>;
  release(options: { readonly delayMs?: number }): never;
  enqueue(name: string, payload: unknown, options: EnqueueOptions): string;
  log(message: string): void;
}

type Parts = { readonly [Part in keyof HandlerContext]: (run: Handled) => HandlerContext[Part] };

/** What a handler is given, each made when it is asked for. Functions are bound, as handlers take the context apart. */
const PARTS: Parts = {
  job: (run) => run.claimed.job,
  attempt: (run) => run.claimed.job.attempt,
  tries: ({ claimed: { job } }) => job.tries ?? job.attempt,
  fence: (run) => run.claimed.fence,
  signal: (run) => run.signal,
  progress: (run) => (value) => run.tell(value),
  checkpoint: (run) => (value) => run.leave(value),
  extend: (run) => () => run.extend(),
  release:
    (run) =>
    (options = {}) =>
      run.release(options),
  enqueue:
    (run) =>
    (name, payload, options = {}) =>
      run.enqueue(name, payload, options),
  log: (run) => (message) => run.log(message),
};

const KEYS = Object.keys(PARTS);

const isPart = (key: PropertyKey): key is keyof Parts => Object.hasOwn(PARTS, key);

const partOf = (run: Handled, key: PropertyKey): unknown =>
  isPart(key) ? PARTS[key](run) : Reflect.get(Object.prototype, key);

/** Its parts are its own and enumerable, so that `{ ...context }` has them all; nothing can be changed. */
const TRAPS: ProxyHandler<Handled> = {
  get: partOf,
  has: (_, key) => isPart(key) || key in Object.prototype,
  ownKeys: () => KEYS,
  getOwnPropertyDescriptor: (run, key) =>
    isPart(key) ? { get: () => partOf(run, key), enumerable: true, configurable: true } : undefined,
  getPrototypeOf: () => Object.prototype,
  set: () => false,
  defineProperty: () => false,
  deleteProperty: () => false,
  preventExtensions: () => false,
  setPrototypeOf: () => false,
};

/** One object a life: a run pays only for what its handler touches, as an AbortController is dear. */
export const contextOf = (run: Handled): HandlerContext => new Proxy(run, TRAPS) as unknown as HandlerContext;
