import { type Environment, InvalidOptionError, StoreError } from '../core/index.ts';
import { messageOf } from '../core/kernel/errors.ts';
import type { Line } from '../core/queue/line.ts';
import type { Host, QueueOperation } from '../core/queue/queue-operation.ts';
import type { CallMessage } from '../core/remote/messages.ts';
import { poll, RemoteLine, type RemoteLineOptions } from '../core/remote/remote-line.ts';
import { Leased } from './leased.ts';
import { RoutedCall } from './route.ts';
import { ROUTES } from './routes.ts';
import type { Shards } from './shards.ts';

/** The part of a stub that is called. */
export interface QueueObject {
  holdfast(call: never): unknown;
}

const LAYOUT: QueueOperation<object, boolean> = {
  name: 'layout',
  kind: 'reader',
  rule: () => {
    throw new TypeError('kept elsewhere');
  },
};

/** A way to the objects of a queue: each operation goes to those that it concerns. */
export class ShardedLine implements Line {
  readonly far;
  readonly shards: Shards;
  readonly leased = new Leased();
  readonly #object: (name: string) => QueueObject;
  readonly #options: RemoteLineOptions;
  readonly #lines = new Map<string, RemoteLine>();

  constructor(shards: Shards, object: (name: string) => QueueObject, options: RemoteLineOptions) {
    this.shards = shards;
    this.#object = object;
    this.#options = options;
    const home = () => this.#lineOf(shards.home);
    this.far = {
      get aheadMs() {
        return home().far.aheadMs;
      },
      pollMs: options.pollMs,
      isSpread: shards.all.length > 1,
      poll: (host: Host, changed: () => void) => poll(this, options, host, changed),
    };
  }

  get environment(): Environment {
    return this.#options.environment;
  }

  async run<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args, host: Host): Promise<Answer> {
    const [first, ...others] = this.shards.all;
    const route = Object.hasOwn(ROUTES, operation.name) ? ROUTES[operation.name] : operation.spread;
    if (operation.name !== 'exchange' && first !== undefined && others.length === 0)
      return this.ask(first, operation, args);
    if (route === undefined)
      throw new InvalidOptionError('shards', this.shards.all.length, `1: ${operation.name} is of one object`);
    return (await route(new RoutedCall(this, operation, host) as never, args as never)) as Answer;
  }

  /** Asks one object. */
  ask<Args, Answer>(object: string, operation: QueueOperation<Args, Answer>, args: Args): Promise<Answer> {
    return this.#lineOf(object).run(operation, args);
  }

  #lineOf(object: string): RemoteLine {
    let line = this.#lines.get(object);
    if (line === undefined) {
      line = new RemoteLine((message) => this.#send(object, message), this.#options);
      this.#lines.set(object, line);
    }
    return line;
  }

  async #send(object: string, message: CallMessage): Promise<unknown> {
    for (let unsettled = 0; ; unsettled++) {
      const reply = await this.#try(object, this.#withLayout(object, message, unsettled > 0));
      if (Object(reply).unsettled !== true) return reply;
      // Clients that take turns with two numbers, both known to both, may be in between: not for ever.
      if (unsettled >= this.#options.tries)
        throw new StoreError(`object ${object} is called with two numbers of shards in turn`, {
          retryable: true,
        });
      await this.#settleLayout();
    }
  }

  /** Who holds a lease knows in which object: no number of shards leads him wrong, and his work is done. */
  #withLayout(object: string, message: CallMessage, told: boolean) {
    const { call, args } = message;
    const isPlaced = call === 'extend' || (call === 'exchange' && Object(args).claim === undefined);
    return isPlaced ? message : { ...message, layout: this.shards.layoutFor(object, told) };
  }

  /** Rejects when home knows a number that this client does not. The others are told at once of a new one, as far as they can be reached. */
  async #settleLayout(): Promise<void> {
    const { home, all } = this.shards;
    if (!(await this.ask(home, LAYOUT, {}))) return;
    const others = all.filter((object) => object !== home);
    await Promise.allSettled(
      others.map((object) => this.#try(object, this.#withLayout(object, { v: 1, call: 'layout' }, true))),
    );
  }

  /**
   * The platform marks what it throws: `retryable` for what passes, `overloaded` for what more calls make worse, and only
   * `durableObjectReset` when the object was taken down in the middle, by a deploy or by itself (seen in workerd 2026-11).
   */
  async #try(object: string, message: object): Promise<unknown> {
    try {
      // A stub that threw may be broken for good, so each try has its own.
      return await this.#object(object).holdfast(message as never);
    } catch (thrown) {
      const marked = (mark: string): boolean => {
        try {
          return Object(thrown)[mark] === true;
        } catch {
          return false;
        }
      };
      const overloaded = marked('overloaded');
      const retryable = marked('retryable') || marked('durableObjectReset') || overloaded;
      const message = `object ${object} failed: ${messageOf(thrown)}`;
      throw Object.assign(
        new StoreError(message, { retryable, cause: thrown }),
        overloaded && { overloaded },
      );
    }
  }

  async close(): Promise<void> {}
}
