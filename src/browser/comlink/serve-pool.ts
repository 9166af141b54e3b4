import * as Comlink from 'comlink';
import {
  type Definitions,
  deserializeError,
  type Handler,
  type Handlers,
  InvalidOptionError,
  type SerializedError,
  serializeError,
  UnknownJobError,
} from '../../core/index.ts';
import { sealPayload } from '../../core/kernel/payload.ts';
import type { Gives } from '../../core/queue/feature.ts';
import { checkKnown, hasMethods } from '../../core/queue/options.ts';
import { randomText } from '../../core/random.ts';
import type { Guest, Welcome } from './face.ts';
import { guarded } from './guarded.ts';
import { hearKnocks, type MessageSource } from './knocks.ts';
import { type Held, holdLock } from './locks.ts';
import { ThreadRun } from './thread-context.ts';
import {
  POOL,
  type Say,
  type Task,
  type TaskEnd,
  type ThreadFace,
  type ThreadGiving,
} from './thread-face.ts';

export interface ServePoolOptions {
  /** Where the pool knocks: a MessagePort, say. Default: the worker in which this is called. */
  readonly endpoint?: MessageSource;
}

/**
 * Runs handlers in this worker, for the `workerPool` that made it. They get what handlers get elsewhere. What `enqueue` refuses for the sake of the
 * queue's definitions (an unknown name, a schema) fails the attempt when the handler has returned, as those are not known here. `checkpoint` is there, and
 * resolves with false, as nothing is stored, where the queue has no `checkpoints` in use.
 *
 * @example
 * // pool-worker.ts
 * servePool<typeof jobs>({
 *   thumbnail: async ({ pixels }, { progress, signal }) => shrink(pixels, { onStep: progress, signal }),
 * });
 *
 * @throws InvalidOptionError at once
 */
export function servePool<Jobs extends Definitions = Definitions>(
  handlers: Handlers<NoInfer<Jobs>, Gives<ThreadGiving>>,
  options: ServePoolOptions = {},
): void {
  if (typeof handlers !== 'object' || handlers === null)
    throw new InvalidOptionError('handlers', handlers, 'an object');
  for (const [name, handler] of Object.entries(handlers))
    if (typeof handler !== 'function')
      throw new InvalidOptionError(`handlers[${JSON.stringify(name)}]`, handler, 'a function');
  const { endpoint } = checkKnown('servePool options', options, ['endpoint']);
  if (endpoint !== undefined && !hasMethods(endpoint, 'addEventListener', 'removeEventListener'))
    throw new InvalidOptionError('endpoint', endpoint, 'a MessagePort');
  const name = `holdfast thread ${randomText()}`;
  const lock = holdLock(name);
  hearKnocks(POOL, name, endpoint, (port) =>
    Comlink.expose(
      faceOf(new Thread({ ...handlers } as Readonly<Record<string, Handler<unknown>>>, lock)),
      guarded(port, METHODS),
    ),
  );
}

const METHODS: readonly (keyof ThreadFace)[] = ['hello', 'run', 'abort', 'ping'];

const faceOf = (thread: Thread): ThreadFace => ({
  hello: (guest, say) => thread.hello(guest, say),
  run: (task) => thread.run(task),
  abort: (task, reason) => thread.abort(task, reason),
  ping: async () => undefined,
});

/** What runs the handlers of a pool, one at a time. */
class Thread {
  readonly #handlers: Readonly<Record<string, Handler<unknown>>>;
  readonly #lock: Promise<Held | undefined>;
  #say: Say | undefined;
  #run: ThreadRun | undefined;

  constructor(handlers: Readonly<Record<string, Handler<unknown>>>, lock: Promise<Held | undefined>) {
    this.#handlers = handlers;
    this.#lock = lock;
  }

  async hello(_: Guest, say: Say): Promise<Welcome> {
    this.#say = say;
    const held = await this.#lock;
    return held === undefined ? {} : { lock: held.name };
  }

  async run(task: Task): Promise<TaskEnd> {
    const run = new ThreadRun(task, async (word, value) => this.#say?.(task.id, word, value));
    this.#run = run;
    try {
      const result = await this.#handlerOf(task.name)(task.payload, run.context);
      return await run.end({ how: 'returned', result: this.#crossing(run, result), enqueued: run.enqueued });
    } catch (thrown) {
      return await run.end({ how: 'threw', error: serializeError(thrown), stack: stackOf(thrown) });
    }
  }

  async abort(task: number, reason: SerializedError): Promise<void> {
    if (this.#run?.task.id === task) this.#run.abort(deserializeError(reason));
  }

  #handlerOf(name: string): Handler<unknown> {
    const handler = Object.hasOwn(this.#handlers, name) ? this.#handlers[name] : undefined;
    if (handler === undefined) throw new UnknownJobError(name, Object.keys(this.#handlers));
    return handler;
  }

  /** A result that could not be kept either changes nothing about its job, which is done. */
  #crossing({ context }: ThreadRun, result: unknown): unknown {
    try {
      return sealPayload(result, { blobs: true, what: 'result' }).value;
    } catch (error) {
      context.log(`its result stays in its thread: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function stackOf(thrown: unknown): string | undefined {
  try {
    const stack: unknown = Object(thrown).stack;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}
