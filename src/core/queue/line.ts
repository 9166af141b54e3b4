import type { Features } from '../kernel/features.ts';
import { execute, type Operation, transactionOf } from '../kernel/operation.ts';
import type { Hint, Store, StoreNotice, Transact } from '../kernel/store.ts';
import type { PageEnd } from '../kernel/unsorted.ts';
import type { EventName } from './emitter.ts';
import { isOfFeature } from './of-feature.ts';
import type { Host, QueueOperation } from './queue-operation.ts';

/** How a queue reaches its rows: a store here, or a wire to a queue elsewhere. */
export interface Line {
  /** Carries out an operation whose arguments are checked. `host`: the queue of this context that calls. */
  run<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args, host: Host): Promise<Answer>;
  onHint?(listener: (hint: Hint) => void): () => void;
  onNotice?(listener: (notice: StoreNotice) => void): () => void;
  /** Somebody listens to these events, of which those of elsewhere come over the line. Returns what ends it. */
  wants?(event: EventName): () => void;
  untilAwake?: Store['untilAwake'];
  signOfLife?: Store['signOfLife'];
  /** The store, where it is here. */
  readonly local?: StoreLine;
  /** Of a line to elsewhere. */
  readonly far?: Far;
  close(): Promise<void>;
}

/** What is otherwise when the rows are elsewhere. A call that fails for a reason that passes is repeated by the line. */
export interface Far {
  /** So many ms the clock there is ahead of the one here, as far as is known. */
  readonly aheadMs: number;
  /** It carries Blobs and Files. */
  readonly blobs?: boolean;
  /** The rows are in several places: what has to lie together is seen to here. */
  readonly isSpread?: boolean;
  /** What calls of this context come to is an event there, and comes from there. */
  readonly tells?: boolean;
  /** How often somebody who waits for something looks: nobody tells. */
  readonly pollMs: number;
  /** Throws PayloadError for what the wire would change. */
  readonly check?: ((path: string, value: unknown) => void) | undefined;
  /** Looks from time to time, and calls back when something has changed. Returns what ends it. */
  poll(host: Host, changed: () => void): () => void;
}

/** A store in this context. */
export class StoreLine implements Line {
  readonly store: Store;
  /** As the store knows it. */
  readonly queue: string;
  readonly local = this;
  /** Of this page. */
  readonly features: Features;
  readonly clock: () => number;

  constructor(store: Store, queue: string, features: Features, clock: () => number) {
    this.features = features;
    this.store = store;
    this.queue = queue;
    this.clock = clock;
  }

  run<Args, Answer>(operation: QueueOperation<Args, Answer>, given: Args, host: Host): Promise<Answer> {
    const args = operation.amend?.(given, host) ?? given;
    const onSent = this.saysSent(operation) ? () => host.sent?.() : undefined;
    const answering = this.execute(operation, args, onSent);
    return operation.finish === undefined
      ? answering
      : answering.then((answer) => operation.finish?.(answer, host) ?? answer);
  }

  /** It tells its host when the operation was sent, as what is asked then comes after it. */
  saysSent({ kind }: Pick<Operation, 'kind'>): boolean {
    return kind === 'enqueuer' && this.store.inOrder === true;
  }

  /** Without what the queue adds. */
  execute<Args, Answer>(
    operation: Operation<Args, Answer>,
    args: Args,
    onSent?: () => void,
  ): Promise<Answer> {
    return execute(this.store, this.queue, this.features, operation, args, this.clock, onSent);
  }

  readonly onHint = (listener: (hint: Hint) => void): (() => void) =>
    this.store.onHint?.(this.queue, listener) ?? (() => undefined);

  readonly onNotice = (listener: (notice: StoreNotice) => void): (() => void) =>
    this.store.onNotice?.(listener) ?? (() => undefined);

  readonly wants = (event: EventName): (() => void) =>
    (event === 'store:low' ? this.store.watchRoom?.() : undefined) ?? (() => undefined);

  readonly untilAwake = (what: 'enqueue' | 'work'): Promise<void> | undefined =>
    this.store.untilAwake?.(what);

  /** Undefined: nobody leaves this store in mid-call. */
  get pageEnd(): PageEnd | undefined {
    const { queue, features, clock } = this;
    return this.store.leaving?.({ queue, features, clock, isOfFeature });
  }

  get signOfLife(): Store['signOfLife'] {
    return this.store.signOfLife;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** The same in a transaction of the app's own. Throws what refuses it at once, so that nothing else of the transaction is committed. */
export const executeIn = <Args, Answer>(
  { store, queue, features, clock }: StoreLine,
  transact: Transact,
  operation: Operation<Args, Answer>,
  args: Args,
): Promise<Answer> => transact(transactionOf(store.codec, queue, features, operation, args, clock));
