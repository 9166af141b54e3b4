import { InvalidOptionError } from '../kernel/errors.ts';
import type { Job } from '../kernel/job.ts';
import { type Context, contextOf, type HasContext } from '../queue/context.ts';
import { checkKnown, checkPlain, checkText, reading } from '../queue/options.ts';
import type { PublicOperation } from '../queue/queue-operation.ts';
import { borderOf } from './borders.ts';
import { serializeError } from './error.ts';
import { type CallMessage, dialectOf, type Reply, SPOKEN, VERSION } from './messages.ts';
import { NotPermittedError } from './not-permitted.ts';
import { changeAt, movedBy } from './paths.ts';
import { redacted } from './redact.ts';

/** Who calls, as the host knows him. */
export interface Who {
  /** Absent: callers are not told apart. */
  readonly identity?: string;
}

/** An operation as a host serves it. */
export interface ServedOperation<Args, Answer> extends PublicOperation<Args, Answer> {
  /** Carries it out where that is more than one transaction with these arguments. */
  act?(args: Args, context: Context, who: Who): Promise<Answer>;
}

/** A function over a queue, or whatever else names the operations that it needs. */
export interface Exposable {
  readonly operations: readonly { readonly name: string; readonly kind?: string }[];
  /** Those that a host serves beside them, as its queue is. */
  also?(context: Context): readonly { readonly name: string }[];
}

export interface ExposeOptions<From = unknown> {
  /**
   * May this caller ask for this? `args` are checked. `true`; a text that names the caller, so that no two of them are one worker; anything else:
   * no. When it throws, the call is refused with what it threw. Default: whoever can call may.
   */
  readonly authorize?: (from: From, operation: string, args: unknown) => Permit | Promise<Permit>;
  /** What callers see of a job that they read: leave out of it what is not for them. Who works gets all of its jobs. Default: all. */
  readonly redact?: (job: Job) => Partial<Job>;
}

/** See `ExposeOptions.authorize`. */
export type Permit = boolean | string | null | undefined;

/** Replies to one call. Never rejects. */
export type Exposed<From = unknown> = (message: unknown, from?: From) => Promise<Reply>;

/**
 * Serves a queue to callers elsewhere, by whatever carries a message there and a reply back: a `remoteQueue` is the other end. They may ask for
 * what these functions need, and nothing else. What they send is checked before anything is done; queue, owner, limits and rules of keeping are
 * the host's. Errors are replied as data.
 *
 * @example
 * const serve = expose(queue, { get, list, explain, enqueueMany }); // enqueueMany: `enqueue`, too
 * port.onmessage = async ({ data: [n, message] }) => port.postMessage([n, await serve(message)]);
 *
 * @throws InvalidOptionError at once
 */
export function expose<From = unknown>(
  queue: HasContext,
  functions: Readonly<Record<string, Exposable>>,
  options: ExposeOptions<From> = {},
): Exposed<From> {
  const host = new RemoteHost<From>(contextOf(queue), functions, options);
  return (message, from) => host.reply(message, from as From);
}

type Served = ServedOperation<unknown, unknown>;

class RemoteHost<From> {
  readonly #context: Context;
  readonly #operations = new Map<string, Served>();
  readonly #options: ExposeOptions<From>;

  constructor(
    context: Context,
    functions: Readonly<Record<string, Exposable>>,
    options: ExposeOptions<From>,
  ) {
    this.#context = context;
    this.#options = checkKnown('expose options', options, ['authorize', 'redact']);
    for (const name of ['authorize', 'redact'] as const)
      if (options[name] !== undefined && typeof options[name] !== 'function')
        throw new InvalidOptionError(name, options[name], 'a function');
    for (const [name, exposable] of reading('functions', functions, () => Object.entries(functions))) {
      const { operations, also }: Partial<Exposable> = Object(exposable);
      if (!Array.isArray(operations))
        throw new InvalidOptionError(
          name,
          exposable,
          'a function over a queue, such as get: it names its operations',
        );
      const all = [...operations, ...(also?.(context) ?? [])] as Served[];
      for (const operation of all) this.#operations.set(operation.name, operation);
    }
  }

  async reply(message: unknown, from: From): Promise<Reply> {
    const { now } = this.#context.environment;
    let dialect = dialectOf(VERSION);
    try {
      const given = checkKnown('message', checkPlain('message', message), ['v', 'call', 'args']);
      dialect = dialectOf(given.v);
      if (dialect === undefined) throw new InvalidOptionError('message.v', given.v, `one of ${SPOKEN}`);
      const call = dialect.call(given as unknown as CallMessage);
      const answer = await this.#answer(call, from);
      return dialect.reply({ v: call.v, now: now(), answer });
    } catch (error) {
      const refused: Reply = { v: VERSION, now: now(), error: serializeError(error) };
      return dialect?.reply(refused) ?? refused;
    }
  }

  async #answer({ call, args = {} }: CallMessage, from: From): Promise<unknown> {
    if (call === 'operations') {
      await this.#permitted(from, call, {});
      return [...this.#operations.keys()];
    }
    const operation = typeof call === 'string' ? this.#operations.get(call) : undefined;
    if (operation === undefined)
      throw new InvalidOptionError('message.call', call, `one that is exposed: ${this.#names}`);
    const { admit, act } = operation;
    const sent = operation.check(checkPlain('message.args', args), this.#context);
    const checked = changeAt(
      sent,
      borderOf(operation).instants?.args,
      movedBy(this.#context.environment.now()),
    );
    const who = await this.#permitted(from, call, checked);
    await admit?.call(operation, checked, this.#context);
    this.#context.checkOpen();
    const answer = await (act?.call(operation, checked, this.#context, who) ??
      this.#context.run(operation, checked));
    const { redact } = this.#options;
    return redact === undefined ? answer : redacted(call, answer, redact);
  }

  get #names(): string {
    return [...this.#operations.keys()].join(', ') || 'none is';
  }

  async #permitted(from: From, call: string, args: unknown): Promise<Who> {
    const { authorize } = this.#options;
    if (authorize === undefined) return {};
    const permit = await authorize(from, call, args);
    if (permit === true) return {};
    if (typeof permit === 'string') return { identity: checkText('identity', permit) };
    throw new NotPermittedError(call);
  }
}
