import type { ClaimedJob } from '../kernel/messages.ts';
import type { EnqueueOptions } from '../queue/enqueue-options.ts';
import type { Feature } from '../queue/feature.ts';
import type { Attempt } from '../queue/worker-hooks.ts';
import type { HandlerContext } from './handler.ts';

/** An attempt, as far as its handler has a hand in it. */
export interface Handled extends Attempt {
  readonly claimed: ClaimedJob;
  readonly signal: AbortSignal;
  tell(value: unknown): void;
  extend(): Promise<boolean>;
  release(options: { readonly delayMs?: number }): never;
  enqueue(name: string, payload: unknown, options: EnqueueOptions): string;
  log(message: string): void;
}

type Parts = { readonly [Part in keyof HandlerContext]: (run: Handled) => HandlerContext[Part] };
type AllParts = Readonly<Record<string, (run: Handled) => unknown>>;

/** What a handler is given, each made when it is asked for. Functions are bound, as handlers take the context apart. */
const PARTS: Parts = {
  job: (run) => run.claimed.job,
  attempt: (run) => run.claimed.job.attempt,
  tries: ({ claimed: { job } }) => job.tries ?? job.attempt,
  fence: (run) => run.claimed.fence,
  signal: (run) => run.signal,
  progress: (run) => (value) => run.tell(value),
  extend: (run) => () => run.extend(),
  release:
    (run) =>
    (options = {}) =>
      run.release(options),
  enqueue:
    (run) =>
    (name, payload, options = {}) =>
      run.enqueue(name, payload, options) as never,
  log: (run) => (message) => run.log(message),
};

/** Its parts are its own and enumerable, so that `{ ...context }` has them all; nothing can be changed. */
function trapsOf(parts: AllParts): ProxyHandler<Handled> {
  const partOf = (run: Handled, key: PropertyKey): unknown =>
    Object.hasOwn(parts, key) ? parts[key as string]?.(run) : Reflect.get(Object.prototype, key);
  return {
    get: partOf,
    has: (_, key) => Object.hasOwn(parts, key) || key in Object.prototype,
    ownKeys: () => Object.keys(parts),
    getOwnPropertyDescriptor: (run, key) =>
      Object.hasOwn(parts, key)
        ? { get: () => partOf(run, key), enumerable: true, configurable: true }
        : undefined,
    getPrototypeOf: () => Object.prototype,
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    preventExtensions: () => false,
    setPrototypeOf: () => false,
  };
}

/** For one worker. One object a life: a run pays only for what its handler touches, as an AbortController is dear. */
export function contexts(use: readonly Feature[]): (run: Handled) => HandlerContext {
  const traps = trapsOf(Object.assign({}, PARTS, ...use.map(({ context }) => context)));
  return (run) => new Proxy(run, traps) as unknown as HandlerContext;
}
