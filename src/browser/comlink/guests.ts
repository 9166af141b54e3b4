import * as Comlink from 'comlink';
import {
  type EventName,
  type Exposed,
  InvalidOptionError,
  NotPermittedError,
  type SerializedError,
  serializeError,
} from '../../core/index.ts';
import type { Context } from '../../core/queue/context.ts';
import type { Guest, HostFace, Push, Wanted, Welcome } from './face.ts';
import { guarded } from './guarded.ts';
import type { HostCaller } from './knocks.ts';
import { watchLock } from './locks.ts';
import { Outbox } from './outbox.ts';

/** What a guest needs of its host. */
export interface GuestHost {
  readonly context: Context;
  readonly serve: Exposed<Caller>;
  readonly welcome: Promise<Welcome>;
  /** Whether this caller may hear of these. */
  mayHear(caller: Caller, events: readonly EventName[]): Promise<boolean>;
  /** What it may see of an event. */
  shown(name: EventName, event: unknown): unknown;
  onGone(guest: PageGuest): void;
}

/** Who calls, and from which page. */
export interface Caller {
  readonly from: HostCaller;
  /** Workers of the page that have claimed jobs, as the rows know them. */
  readonly workers: Set<string>;
}

/** Names of the methods, for the guard of its port. */
const METHODS: readonly (keyof HostFace)[] = ['hello', 'ask', 'want', 'ping', 'quit'];
/** More kinds of events than there are. */
const MAX_NAMES = 100;

/** One connected page, as its host has it. */
export class PageGuest implements HostFace {
  readonly caller: Caller;
  readonly #host: GuestHost;
  readonly #port: MessagePort;
  #push: (Push & Comlink.ProxyMethods) | undefined;
  #outbox: Outbox | undefined;
  #wantsHints = false;
  #unlisten: (() => void)[] = [];
  #unwatch: (() => void) | undefined;
  #isGone = false;

  constructor(port: MessagePort, from: HostCaller, host: GuestHost) {
    this.caller = { from, workers: new Set() };
    this.#host = host;
    this.#port = port;
    // A newer platform says so when the other end is gone.
    port.addEventListener('close', () => this.leave());
    const face: HostFace & { [Comlink.finalizer](): void } = {
      hello: (guest, push) => this.hello(guest, push),
      ask: (message) => this.ask(message),
      want: (wanted) => this.want(wanted),
      ping: () => this.ping(),
      quit: () => this.quit(),
      [Comlink.finalizer]: () => this.leave(),
    };
    Comlink.expose(face, guarded(port, METHODS));
  }

  hello({ lock }: Guest, push: Push): Promise<Welcome> {
    this.#unwatch?.();
    if (typeof lock === 'string') this.#unwatch = watchLock(lock, () => this.leave());
    this.#push = push as Push & Comlink.ProxyMethods;
    this.#outbox?.close();
    this.#outbox = new Outbox(push, this.#host.context.environment);
    return this.#host.welcome;
  }

  ask(message: unknown) {
    return this.#host.serve(message, this.caller);
  }

  async want(wanted: Wanted): Promise<SerializedError | undefined> {
    try {
      const { hints, events } = Object(wanted) as Partial<Wanted>;
      if (
        !Array.isArray(events) ||
        events.length > MAX_NAMES ||
        events.some((one) => typeof one !== 'string')
      )
        throw new InvalidOptionError('events', events, `a list of at most ${MAX_NAMES} names`);
      if (!(await this.#host.mayHear(this.caller, events))) throw new NotPermittedError('on');
      this.#listen(hints === true, events);
      return undefined;
    } catch (error) {
      return serializeError(error);
    }
  }

  async ping(): Promise<void> {}

  async quit(): Promise<void> {
    this.caller.workers.clear();
    this.leave();
  }

  hint(hint: Parameters<Outbox['hint']>[0]): void {
    if (this.#wantsHints) this.#outbox?.hint(hint);
  }

  /** The page is gone, or has released its handle. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#listen(false, []);
    this.#unwatch?.();
    this.#outbox?.close();
    this.#push?.[Comlink.releaseProxy]();
    this.#port.close();
    this.#host.onGone(this);
  }

  #listen(hints: boolean, events: readonly EventName[]): void {
    for (const end of this.#unlisten) end();
    this.#wantsHints = hints && !this.#isGone;
    if (this.#isGone) return;
    const host = this.#host;
    this.#unlisten = events.map((name) =>
      host.context.on(name, (event) => this.#outbox?.event(name, host.shown(name, event))),
    );
  }
}
