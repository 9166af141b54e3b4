import type { Codec } from './codec.ts';
import type { Durability } from './job.ts';
import type { Run } from './rows.ts';
import type { LeavingQueue, PageEnd } from './unsorted.ts';

/**
 * `work`: something may have become claimable. `cancel`: somebody asked a running job to stop, or what is claimed not to begin.
 * `gone`: an owner of leases vanished. `change`: only what reading shows has changed. `online`: servers that were not reached may be reached
 * again, as the network is back or somebody looks at the page; it is told in this context only.
 */
export type Hint = 'work' | 'cancel' | 'gone' | 'change' | 'online';

/**
 * What a store says of itself. `blocked`: a call was given up, as the database stood still for `waitedMs`. `outdated`: the database has a
 * newer version. `lost`: what was stored is gone, and the store began anew. `low`: there is little room left, or none; the bytes as far as
 * the platform says.
 */
export type StoreNotice =
  | { readonly kind: 'blocked'; readonly waitedMs: number }
  | { readonly kind: 'low'; readonly usage?: number | undefined; readonly quota?: number | undefined }
  | { readonly kind: 'outdated' | 'lost' };

/** How a store is, as far as the platform says: what it does not say is absent. */
export interface StoreHealth {
  /** The browser has promised not to evict what is stored. */
  readonly persisted?: boolean | undefined;
  /** It has not, and can be asked: `requestPersistence()`. */
  readonly canPersist?: boolean;
  /** Bytes that are stored, of the whole origin in a browser. */
  readonly usage?: number | undefined;
  /** Bytes that may be stored. */
  readonly quota?: number | undefined;
  /** Web Locks prove which workers live: the jobs of a tab that died come back at once. */
  readonly locks?: boolean;
  /** Other tabs hear of new work at once. */
  readonly channel?: boolean;
  /** Of the database; absent until the store was used. */
  readonly version?: number | undefined;
  /** It holds Blobs; absent until one was to be stored. */
  readonly blobs?: boolean | undefined;
  /** How often this store has opened the database. */
  readonly opened?: number;
  /** How often the browser has closed the database under it. */
  readonly lost?: number;
  /** What the store would use and is not there, or may not be looked at, by its name: `navigator.locks`. */
  readonly missing: readonly string[];
}

/** One operation on the rows of one queue. */
export interface Transaction<T> {
  readonly queue: string;
  /** Of the operation, and what it was asked: for whoever watches a store. */
  readonly name: string;
  readonly args?: unknown;
  /** A reader changes nothing, an enqueuer brings new work, a drainer settles, claims and steers what is there. */
  readonly kind: 'reader' | 'enqueuer' | 'drainer';
  /** What its page has in use. */
  readonly features: object;
  /** Begins when the transaction has: it may be called again when the first try came to nothing. */
  readonly run: Run<T>;
  /** As a rule it touches jobs, claims and the queue's row, and nothing else: a worker's exchange, or an enqueue that has nothing to look up. */
  readonly isPlain?: boolean;
  /** How sure it must be when it resolves, where the store has a choice; absent: as the store does it. */
  readonly durability?: Durability | undefined;
  /** The worker on whose behalf. */
  readonly workerId?: string;
  /** What other openings should look for, by the answer. */
  readonly hint?: (answer: T) => Hint | undefined;
  /** Of a store that is `inOrder`: called whenever it was sent, before its answer. What this opening sends from then on runs after it. */
  readonly onSent?: (() => void) | undefined;
  /** The answer must be on disk before it is acted on: a job is claimed before its handler begins. */
  readonly isAwaited?: (answer: T) => boolean;
}

/**
 * Runs it as one atomic transaction, or rejects and has changed nothing. A rejection with a retryable `StoreError` may come after a commit
 * whose answer was lost: an enqueue is then repeated with `known`, an exchange with `held`, and every other call as it is.
 */
export type Transact = <T>(transaction: Transaction<T>) => Promise<T>;

/** Which owners of leases are proven gone, and which alive. What proves it is held until `release` is called. */
export interface Lives {
  readonly gone: readonly string[];
  readonly alive: readonly string[];
  release(): void;
}

/**
 * The seam: a store is a way to run a transaction over rows. It reads no clock, and validates nothing but payloads. A queue exists once
 * something was enqueued into it; asking about an unknown one answers empty. One store may be opened many times.
 */
export interface Store {
  readonly transact: Transact;
  /** What changes the same queue runs in the order in which it was sent, and the store says when that was: see `onSent`. */
  readonly inOrder?: true;
  /** How it holds payloads. */
  readonly codec: Codec;
  /** After it every transaction rejects with StoreClosedError. Closing twice is fine. */
  close(): Promise<void>;
  /**
   * Calls `listener` when another opening of this store may have changed the queue. Lossy: only ever a reason to look
   * sooner. Returns the clean-up.
   */
  onHint?(queue: string, listener: (hint: Hint) => void): () => void;
  /** Proves that this worker lives for as long as the process does (a Web Lock, say); returns the clean-up. */
  signOfLife?(workerId: string): Promise<() => void>;
  /** Which of these workers live, as far as that can be proven: they own leases of this queue. */
  prove?(queue: string, workerIds: readonly string[]): Promise<Lives>;
  /** Calls `listener` with what concerns every queue of this store; returns the clean-up. */
  onNotice?(listener: (notice: StoreNotice) => void): () => void;
  /** Somebody wants to hear when room runs low, by a notice, once until it has recovered. Returns what ends that. Without it nothing is measured. */
  watchRoom?(): () => void;
  /** How the store is. Touches no rows, and does not open the store. Never rejects. */
  health?(): Promise<StoreHealth>;
  /**
   * Undefined: this context may enqueue, or work, now. Else resolves when it may: a frozen page begins nothing, a prerendered one does not
   * work. A transaction that is begun all the same rejects, retryable.
   */
  untilAwake?(what: 'enqueue' | 'work'): Promise<void> | undefined;
  /** Absent: nobody leaves this store in mid-call. */
  leaving?(of: LeavingQueue): PageEnd;
  /**
   * Transactions inside one of the app's own: they commit with it or not at all. The first read is issued before `transact` returns. What
   * refuses a job aborts the app's transaction, or is thrown at once where the store is synchronous. Throws InvalidOptionError when the
   * transaction cannot hold jobs.
   */
  join?(transaction: unknown): Transact;
  /**
   * Rejects with PayloadError for a payload that this store holds elsewhere and not where it runs. Asked before `join`: the app's
   * transaction waits for nothing.
   */
  checkPayload?(payload: unknown): Promise<void>;
}
