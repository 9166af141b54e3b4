import * as Comlink from 'comlink';
import type { CallMessage, Environment } from '../../core/index.ts';
import { StoreError } from '../../core/index.ts';
import { deserializeError } from '../../core/remote/error.ts';
import type { Batch, Guest, HostFace, Knock, Wanted, Welcome } from './face.ts';
import { watchLock } from './locks.ts';
import type { Target } from './targets.ts';

/** A host that was not there yet when the first knock came is knocked at again: a worker whose script awaits something, say. */
const KNOCK_EVERY_MS = 1_000;
/** Without locks: how often the host is asked whether it lives, and how long it may take to say so. */
const PING_EVERY_MS = 10_000;
const PING_MS = 30_000;

type Face = Comlink.Remote<HostFace>;

export interface LinkOptions {
  readonly queue: string;
  readonly guest: Guest;
  readonly environment: Environment;
  /** How long the host may take until it is there. */
  readonly startTimeoutMs: number;
  readonly onBatch: (batch: Batch) => void;
}

/** One connection to one host: up until the host is gone, or the page has enough of it. */
export class HostLink {
  readonly target: Target;
  readonly since: number;
  readonly #port: MessagePort;
  readonly #face: Face;
  readonly #options: LinkOptions;
  readonly #open = new Set<(error: unknown) => void>();
  #onDeath: (() => void) | undefined;
  #unwatch: () => void;
  isDead = false;

  /** Knocks until the host is there. Rejects when it does not come up in time, or its script fails. */
  static open(target: Target, options: LinkOptions): Promise<HostLink> {
    return new Promise((resolve, reject) => {
      const { environment, queue, startTimeoutMs, guest, onBatch } = options;
      const ports = new Set<MessagePort>();
      let cancelKnock = (): void => undefined;
      const settle = (kept: MessagePort | undefined, act: () => void) => {
        cancelKnock();
        cancelTimeout();
        unhear();
        for (const port of ports) if (port !== kept) port.close();
        ports.clear();
        act();
      };
      const fail = (error: unknown) => settle(undefined, () => reject(error));
      const knock = () => {
        const { port1, port2 } = new MessageChannel();
        ports.add(port1);
        const face = Comlink.wrap<HostFace>(port1);
        const message: Knock = { holdfast: 'connect', queue, port: port2 };
        try {
          target.post(message, [port2]);
        } catch (error) {
          fail(error);
          return;
        }
        face.hello(guest, Comlink.proxy(onBatch)).then((welcome) => {
          if (ports.has(port1))
            settle(port1, () => resolve(new HostLink(target, port1, face, welcome, options)));
        }, fail);
        cancelKnock = environment.setTimer(knock, KNOCK_EVERY_MS);
      };
      const unhear = target.onError((message) =>
        fail(new Error(`its script failed${message ? `: ${message}` : ''}`)),
      );
      const cancelTimeout = environment.setTimer(
        () =>
          fail(
            new Error(`it did not call hostQueue for ${JSON.stringify(queue)} within ${startTimeoutMs} ms`),
          ),
        startTimeoutMs,
      );
      knock();
    });
  }

  private constructor(
    target: Target,
    port: MessagePort,
    face: Face,
    { lock }: Welcome,
    options: LinkOptions,
  ) {
    this.target = target;
    this.since = options.environment.now();
    this.#port = port;
    this.#face = face;
    this.#options = options;
    const die = () => this.die();
    // A newer platform says so when the other end is gone.
    port.addEventListener('close', die);
    this.#unwatch = lock === undefined ? this.#watchPings(die) : watchLock(lock, die);
  }

  /** The host is gone: calls under way may have been carried out. */
  onDeath(listener: () => void): void {
    this.#onDeath = listener;
    if (this.isDead) listener();
  }

  ask(message: CallMessage): Promise<unknown> {
    return this.#call(() => this.#face.ask(message));
  }

  /** Rejects with what the host refuses it with. */
  async want(wanted: Wanted): Promise<void> {
    const refused = await this.#call(() => this.#face.want(wanted));
    if (refused !== undefined) throw deserializeError(refused);
  }

  /** Nothing more is wanted of this host. */
  release(): void {
    if (this.isDead) return;
    this.#onDeath = undefined;
    this.#face[Comlink.releaseProxy]();
    this.die();
  }

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#unwatch();
    const error = new StoreError('the host of the queue ended in the middle of a call', { retryable: true });
    for (const reject of [...this.#open]) reject(error);
    this.#onDeath?.();
  }

  /** Not a race of promises: what a link that lives for days owes to each would stay. */
  #call<T>(call: () => PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settled = () => this.#open.delete(reject);
      this.#open.add(reject);
      call().then(
        (answer) => {
          settled();
          resolve(answer);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });
  }

  /** A page that slept asks again before it believes that the host is gone. */
  #watchPings(onSilence: () => void): () => void {
    const { setTimer, now } = this.#options.environment;
    let cancel = (): void => undefined;
    const ping = () => {
      const due = now() + PING_MS;
      const wait = () => {
        cancel = setTimer(() => (now() > due + PING_EVERY_MS ? ping() : onSilence()), PING_MS);
      };
      wait();
      this.#face.ping().then(() => {
        cancel();
        if (!this.isDead) cancel = setTimer(ping, PING_EVERY_MS);
      }, onSilence);
    };
    cancel = setTimer(ping, PING_EVERY_MS);
    return () => {
      cancel();
      this.#port.close();
    };
  }
}
