import { deserializeError, type Environment, HoldfastError, StoreError } from '../core/index.ts';
import { messageOf } from '../core/kernel/errors.ts';
import type { CallKind, QueueAnswers, QueueCall, QueueReply } from './queue-call.ts';
import { hash, type Shards } from './shards.ts';

/** Waits before a repeat: doubling from here, to the most, half of each spread by jitter. */
const INITIAL_MS = 100;
const MAX_MS = 5_000;
/** An overloaded object sheds calls because it has too many of them: a quick repeat is one more (Cloudflare says not to). */
const OVERLOADED_MS = 1_000;

/** The part of a stub that is called. */
interface QueueObject {
  holdfast(call: unknown): Promise<unknown>;
}

/** How a call failed, and whether it may be repeated: it may have been carried out all the same. */
interface Failure {
  readonly error: HoldfastError;
  readonly retryable: boolean;
  readonly overloaded: boolean;
}

/** Calls the objects of a queue, and calls again what failed for a reason that passes. */
export class Caller {
  readonly #object: (name: string) => unknown;
  readonly #environment: Environment;
  readonly #tries: number;
  readonly #shards: Shards;

  constructor(shards: Shards, object: (name: string) => unknown, environment: Environment, tries: number) {
    this.#shards = shards;
    this.#object = object;
    this.#environment = environment;
    this.#tries = tries;
  }

  /** `toCall` is told whether an earlier try may have been carried out. Rejects with HoldfastErrors only. */
  async call<Kind extends CallKind>(
    object: string,
    toCall: (repeated: boolean) => QueueCall<Kind>,
  ): Promise<QueueAnswers[Kind]> {
    let tried = 0;
    for (let unsettled = 0; ; ) {
      const call = toCall(tried > 0) as unknown as QueueCall;
      const outcome = await this.#try(object, this.#withLayout(object, call, unsettled > 0));
      if (outcome === 'unsettled') {
        // Clients that take turns with two numbers, both known to both, may be in between: not for ever.
        if (++unsettled > this.#tries)
          throw new StoreError(`object ${object} is called with two numbers of shards in turn`, {
            retryable: true,
          });
        await this.#settleLayout();
        continue;
      }
      if ('answer' in outcome) return outcome.answer as QueueAnswers[Kind];
      tried += 1;
      if (!outcome.retryable || tried >= this.#tries) throw outcome.error;
      await this.#wait(tried, outcome.overloaded);
    }
  }

  /** Who holds a lease knows in which object: no number of shards leads him wrong, and his work is done. */
  #withLayout(object: string, call: QueueCall, told: boolean): QueueCall {
    const isPlaced = call.kind === 'settle' || call.kind === 'extend';
    return isPlaced ? call : { ...call, layout: this.#shards.layoutFor(object, told) };
  }

  /** Rejects when home knows a number that this client does not. The others are told at once of a new one, as far as they can be reached. */
  async #settleLayout(): Promise<void> {
    const { home, all } = this.#shards;
    const isOther = await this.call(home, () => ({ kind: 'layout' }) as QueueCall<'layout'>);
    if (!isOther) return;
    const others = all.filter((object) => object !== home);
    await Promise.all(
      others.map((object) => this.#try(object, this.#withLayout(object, { kind: 'layout' }, true))),
    );
  }

  async #try(object: string, call: QueueCall): Promise<{ readonly answer: unknown } | Failure | 'unsettled'> {
    try {
      // A stub that threw may be broken for good, so each try has its own.
      const stub = this.#object(object) as QueueObject;
      const reply = (await stub.holdfast(call)) as Partial<QueueReply & { error: unknown }> | undefined;
      if (typeof reply === 'object' && reply !== null) {
        if (reply.error !== undefined) return replied(reply.error);
        if ('unsettled' in reply) return 'unsettled';
        if ('answer' in reply) return { answer: reply.answer };
      }
      return unanswered(object);
    } catch (thrown) {
      return failed(object, thrown);
    }
  }

  #wait(tried: number, overloaded: boolean): Promise<void> {
    const most = Math.min(MAX_MS, INITIAL_MS * 2 ** (tried - 1));
    const fraction = hash(this.#environment.id()) / 2 ** 32;
    const ms = (overloaded ? OVERLOADED_MS * 2 ** (tried - 1) : 0) + Math.ceil((most * (1 + fraction)) / 2);
    return new Promise((resolve) => {
      this.#environment.setTimer(resolve, ms);
    });
  }
}

/** What is not holdfast's own is a failure of the object, and no reason to call again. */
function replied(data: unknown): Failure {
  const cause = deserializeError(data);
  const error =
    cause instanceof HoldfastError
      ? cause
      : new StoreError(`the object failed: ${cause.message}`, { retryable: false, cause });
  return { error, retryable: cause.retryable === true, overloaded: false };
}

function unanswered(object: string): Failure {
  const message = `object ${object} gave no answer: its method holdfast(call) has to return serveQueue(queue, call)`;
  return { error: new StoreError(message, { retryable: false }), retryable: false, overloaded: false };
}

/**
 * The platform marks what it throws: `retryable` for what passes, `overloaded` for what more calls make worse, and only
 * `durableObjectReset` when the object was taken down in the middle, by a deploy or by itself (seen in workerd 2026-11).
 */
function failed(object: string, thrown: unknown): Failure {
  const marked = (mark: string): boolean => {
    try {
      return Object(thrown)[mark] === true;
    } catch {
      return false;
    }
  };
  const overloaded = marked('overloaded');
  const retryable = marked('retryable') || marked('durableObjectReset') || overloaded;
  const error = new StoreError(`object ${object} failed: ${messageOf(thrown)}`, { retryable, cause: thrown });
  return { error, retryable, overloaded };
}
