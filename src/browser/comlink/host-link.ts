import * as Comlink from 'comlink';
import { type CallMessage, type Environment, StoreError } from '../../core/index.ts';
import { deserializeError } from '../../core/remote/error.ts';
import type { Guest, HostFace, Push, Wanted } from './face.ts';
import { knock, type Opened } from './knock.ts';
import { watchLife } from './life.ts';
import type { Target } from './targets.ts';

export interface LinkOptions {
  readonly queue: string;
  readonly guest: Guest;
  readonly environment: Environment;
  /** How long the host may take until it is there. */
  readonly startTimeoutMs: number;
  /** Aborted: the host is not waited for any more. */
  readonly signal: AbortSignal;
  readonly onBatch: Push;
}

/** One connection to one host: up until the host is gone, or the page has enough of it. */
export class HostLink {
  readonly target: Target;
  /** Which host it is. */
  readonly host: string | undefined;
  /** Epoch ms. */
  readonly since: number;
  readonly #face: Comlink.Remote<HostFace>;
  readonly #port: MessagePort;
  readonly #open = new Set<(error: unknown) => void>();
  readonly #unwatch: () => void;
  #onDeath: (() => void) | undefined;
  isDead = false;

  /** Rejects when the host does not come up in time, its script fails, or the signal is aborted. */
  static async open(target: Target, options: LinkOptions): Promise<HostLink> {
    const { queue, guest, environment, startTimeoutMs, signal, onBatch } = options;
    let link: HostLink | undefined;
    const opened = await knock<Push, HostFace>(target, {
      name: queue,
      guest,
      // What a host that others share still sends is for the next link.
      push: (batch) => (link?.isDead ? undefined : onBatch(batch)),
      environment,
      timeoutMs: startTimeoutMs,
      signal,
      call: `hostQueue for ${JSON.stringify(queue)}`,
    });
    link = new HostLink(target, opened, environment);
    return link;
  }

  private constructor(target: Target, { face, port, welcome }: Opened<HostFace>, environment: Environment) {
    this.target = target;
    this.host = welcome.host;
    this.since = environment.now();
    this.#face = face;
    this.#port = port;
    this.#unwatch = watchLife({ welcome, port, ping: () => face.ping() }, environment, () => this.die());
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
    this.#end();
  }

  /** The host is taken for gone. One that lives all the same lets go of this link, and of nothing that this page's workers hold. */
  die(): void {
    if (this.isDead) return;
    this.#face.quit().catch(() => undefined);
    this.#port.close();
    this.#end();
  }

  #end(): void {
    this.isDead = true;
    this.#unwatch();
    const error = new StoreError('the host of the queue ended in the middle of a call', { retryable: true });
    for (const reject of [...this.#open]) reject(error);
    this.#onDeath?.();
  }

  /** Not a race of promises: a link that lives for days would keep what it owes to each. */
  #call<T>(call: () => PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#open.add(reject);
      const settle = () => this.#open.delete(reject);
      call().then(
        (answer) => {
          settle();
          resolve(answer);
        },
        (error) => {
          settle();
          reject(error);
        },
      );
    });
  }
}
