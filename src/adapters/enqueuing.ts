import type { Definitions, EnqueueOptionsWith, PayloadOf, Queue } from '../core/index.ts';
import type { Enqueued } from '../core/queue/enqueue-item.ts';

/** The last call of `enqueue`, as a view shows it. */
export interface EnqueueState<Name extends string = string> {
  /** What it resolved with: its `id` is what the job is found by. Undefined: there was none yet, or it failed. */
  readonly data: Enqueued<Name> | undefined;
  /** What refused it; undefined: nothing did. */
  readonly error: unknown;
  /** A call is under way. */
  readonly isPending: boolean;
}

/** Enqueues jobs of one name. Never rejects: what refused it is in `error`, and it resolves with undefined. */
export type EnqueueCall<
  Jobs extends Definitions,
  Name extends keyof Jobs & string,
  Options extends object,
> = (
  payload: PayloadOf<Jobs[Name]>,
  options?: EnqueueOptionsWith<Options>,
) => Promise<Enqueued<Name> | undefined>;

export interface Enqueuing<
  Jobs extends Definitions,
  Name extends keyof Jobs & string,
  Options extends object,
> {
  readonly enqueue: EnqueueCall<Jobs, Name, Options>;
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => EnqueueState<Name>;
}

export const IDLE: EnqueueState<never> = { data: undefined, error: undefined, isPending: false };

/** Calls of `enqueue`, and the state of the last one: what an earlier one comes to, is only its caller's. */
export function enqueuing<Jobs extends Definitions, Name extends keyof Jobs & string, Options extends object>(
  queue: Queue<Jobs, Options>,
  name: Name,
): Enqueuing<Jobs, Name, Options> {
  const listeners = new Set<() => void>();
  let state: EnqueueState<Name> = IDLE as EnqueueState<Name>;
  let calls = 0;
  const become = (next: EnqueueState<Name>) => {
    state = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    async enqueue(payload, options) {
      const call = ++calls;
      become({ ...state, error: undefined, isPending: true });
      let next: EnqueueState<Name>;
      try {
        next = { data: await queue.enqueue(name, payload, options), error: undefined, isPending: false };
      } catch (error) {
        next = { data: undefined, error, isPending: false };
      }
      if (call === calls) become(next);
      return next.data;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getSnapshot: () => state,
  };
}
