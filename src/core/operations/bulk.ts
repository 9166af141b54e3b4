import { InvalidOptionError } from '../kernel/errors.ts';
import type { EnqueueAnswer } from '../kernel/messages.ts';
import type { Wanted } from '../queue/around.ts';
import { MAX_CALL_JOBS } from '../queue/committer.ts';
import type { Definitions } from '../queue/definitions.ts';
import type { EnqueueItem } from '../queue/enqueue-item.ts';
import type { Environment } from '../queue/environment.ts';
import { checkCount, checkKnown, checkSignal, hasMethods } from '../queue/options.ts';

export interface BulkOptions {
  /** Jobs that are accepted or refused together. Default 500, 1…1,000. */
  readonly chunkSize?: number;
  /** No more than so many jobs are enqueued in a second, on average from the beginning on. Default: no bound. Minimum 1. */
  readonly ratePerSecond?: number;
  /** Goes on behind a job that is refused: the jobs of a refused chunk are then tried one by one. Default false: the first error ends it. */
  readonly continueOnError?: boolean;
  /** Aborting it ends it between two chunks, with the signal's reason. What was enqueued stays. */
  readonly signal?: AbortSignal;
  /** Called after each chunk, with all that was done so far. */
  readonly onProgress?: (progress: BulkProgress) => void;
}

export interface BulkProgress {
  readonly enqueued: number;
  readonly replaced: number;
  readonly duplicates: number;
  readonly refused: number;
}

/** What an `enqueueMany` of an iterable came to. */
export interface BulkResult extends BulkProgress {
  /** The first 100 jobs that were refused, by their place in the iterable. */
  readonly errors: readonly { readonly index: number; readonly error: unknown }[];
}

export type Items<Jobs extends Definitions, Options extends object = object> =
  | Iterable<EnqueueItem<Jobs, Options>>
  | AsyncIterable<EnqueueItem<Jobs, Options>>;

type Item = EnqueueItem<Definitions>;

interface BulkHost {
  /** Copies an item as it is taken: a generator may use one object for all, and much can happen before the chunk is full. */
  copy(item: Item, index: number): Wanted;
  enqueue(items: readonly Wanted[]): Promise<readonly EnqueueAnswer[]>;
}

/** The copy of an item; throws what refused it. */
type Taken = () => Wanted;

const OPTIONS = ['chunkSize', 'ratePerSecond', 'continueOnError', 'signal', 'onProgress'];
const CHUNK = 500;
const MAX_ERRORS = 100;
const SECOND_MS = 1_000;

/** Enqueues what an iterable gives, chunk by chunk: no more than one chunk is held at a time. */
export class Bulk {
  readonly #host: BulkHost;
  readonly #environment: Environment;
  readonly #options: BulkOptions;
  readonly #progress = { enqueued: 0, replaced: 0, duplicates: 0, refused: 0 };
  readonly #errors: { index: number; error: unknown }[] = [];
  readonly #beganAt: number;
  /** Items taken from the iterable, and those of them that were enqueued or refused. */
  #taken = 0;
  #done = 0;
  /** An item was refused that ends it: it is the last one of its list that is looked at. */
  #isOver = false;

  constructor(host: BulkHost, environment: Environment, given: BulkOptions) {
    const options = checkKnown('enqueueMany options', given, OPTIONS);
    checkSignal('signal', options.signal);
    if (options.ratePerSecond !== undefined) checkCount('ratePerSecond', options.ratePerSecond);
    if (options.onProgress !== undefined && typeof options.onProgress !== 'function')
      throw new InvalidOptionError('onProgress', options.onProgress, 'a function');
    if (checkCount('chunkSize', options.chunkSize ?? CHUNK) > MAX_CALL_JOBS)
      throw new InvalidOptionError('chunkSize', options.chunkSize, `at most ${MAX_CALL_JOBS}`);
    this.#host = host;
    this.#environment = environment;
    this.#options = options;
    this.#beganAt = environment.now();
  }

  async run(items: Items<Definitions>): Promise<BulkResult> {
    const chunkSize = this.#chunkSize;
    let chunk: Taken[] = [];
    for await (const taken of Array.isArray(items) ? this.#takeAll(items) : this.#takeEach(items)) {
      chunk.push(taken);
      if (chunk.length < chunkSize) continue;
      await this.#commit(chunk);
      chunk = [];
    }
    if (chunk.length > 0) await this.#commit(chunk);
    return { ...this.#progress, errors: this.#errors };
  }

  /** With a rate, what it allows in a second at most: else the second chunk would wait for the first one's time. */
  get #chunkSize(): number {
    const { chunkSize = CHUNK, ratePerSecond = chunkSize } = this.#options;
    return Math.min(chunkSize, ratePerSecond);
  }

  /** A list is given whole, now. */
  #takeAll(items: readonly Item[]): readonly Taken[] {
    const all: Taken[] = [];
    for (const item of items) {
      all.push(this.#take(item));
      if (this.#isOver) break;
    }
    return all;
  }

  async *#takeEach(items: Items<Definitions>): AsyncIterable<Taken> {
    for await (const item of items) yield this.#take(item);
  }

  #take(item: Item): Taken {
    const index = this.#taken++;
    try {
      const copy = this.#host.copy(item, index);
      return () => copy;
    } catch (error) {
      this.#isOver = !this.#options.continueOnError;
      return () => {
        throw error;
      };
    }
  }

  async #enqueue(chunk: readonly Taken[]): Promise<readonly EnqueueAnswer[]> {
    return this.#host.enqueue(chunk.map((item) => item()));
  }

  async #commit(chunk: readonly Taken[]): Promise<void> {
    const { signal, continueOnError, onProgress } = this.#options;
    await this.#keepRate();
    signal?.throwIfAborted();
    const from = this.#done;
    this.#done += chunk.length;
    try {
      this.#count(await this.#enqueue(chunk));
    } catch (error) {
      if (!continueOnError) throw error;
      if (chunk.length === 1) this.#refuse(from, error);
      else await this.#tryEach(chunk, from);
    }
    onProgress?.({ ...this.#progress });
  }

  async #tryEach(chunk: readonly Taken[], from: number): Promise<void> {
    for (const [i, item] of chunk.entries()) {
      this.#options.signal?.throwIfAborted();
      try {
        this.#count(await this.#enqueue([item]));
      } catch (error) {
        this.#refuse(from + i, error);
      }
    }
  }

  #count(answers: readonly EnqueueAnswer[]): void {
    for (const { status } of answers) this.#progress[status === 'duplicate' ? 'duplicates' : status] += 1;
  }

  #refuse(index: number, error: unknown): void {
    this.#progress.refused += 1;
    if (this.#errors.length < MAX_ERRORS) this.#errors.push({ index, error });
  }

  /** Waits until what was done so far has had its time. */
  async #keepRate(): Promise<void> {
    const { ratePerSecond, signal } = this.#options;
    if (ratePerSecond === undefined) return;
    const waitMs = this.#beganAt + (this.#done / ratePerSecond) * SECOND_MS - this.#environment.now();
    if (waitMs <= 0 || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#environment.setTimer(end, waitMs);
      signal?.addEventListener('abort', end, { once: true });
    });
  }
}

/** Throws InvalidOptionError. */
export function checkItems(items: unknown): void {
  const iterable = items as Iterable<unknown> & AsyncIterable<unknown>;
  if (
    typeof items === 'string' ||
    !(hasMethods(iterable, Symbol.iterator) || hasMethods(iterable, Symbol.asyncIterator))
  )
    throw new InvalidOptionError('items', items, 'an iterable of objects with name and payload');
}
