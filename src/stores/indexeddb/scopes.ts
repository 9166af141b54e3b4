import type { Transaction } from '../../core/kernel/store.ts';
import { isNamed } from './request.ts';
import { CLAIMS, holdfastStoreNames, JOBS, QUEUES, SPARE } from './schema.ts';

type Kind = Transaction<unknown>['kind'];

/** One enqueue in so many looks for the spare row; after a full disk the next one does. */
const SPARE_EVERY = 20;

const ALL_BUT_SPARE = holdfastStoreNames.filter((name) => name !== SPARE);

/** All that a transaction may touch. */
const WIDE: Readonly<Record<Kind, readonly string[]>> = {
  reader: ALL_BUT_SPARE,
  enqueuer: holdfastStoreNames,
  drainer: ALL_BUT_SPARE,
};
/** All that a plain one touches, as a rule. */
const NARROW: Readonly<Record<Kind, readonly string[]>> = {
  ...WIDE,
  enqueuer: [JOBS, QUEUES],
  drainer: [JOBS, CLAIMS, QUEUES],
};

/** Which object stores a transaction asks for. Each one more costs Chromium a lock, 0.08 ms (decision 13). */
export class Scopes {
  /** Kinds of which a plain one once touched more. */
  readonly #wide = new Set<Kind>();
  /** Enqueues until one looks for the spare row. */
  #untilSpare = 0;

  isNarrow({ kind, isPlain }: Pick<Transaction<unknown>, 'kind' | 'isPlain'>): boolean {
    return isPlain === true && !this.#wide.has(kind);
  }

  /** `carries`: a worker's exchange may go with it. */
  names(kind: Kind, isNarrow: boolean, carries = false): readonly string[] {
    if (!isNarrow || (carries && this.#wide.has('drainer'))) return WIDE[kind];
    const names = NARROW[carries ? 'drainer' : kind];
    return kind === 'enqueuer' && this.#untilSpare === 0 ? [...names, SPARE] : names;
  }

  /** An enqueue over these has committed. */
  enqueued(names: readonly string[]): void {
    if (names.includes(SPARE)) this.#untilSpare = SPARE_EVERY - 1;
    else if (this.#untilSpare > 0) this.#untilSpare -= 1;
  }

  /** The disk is full: the next enqueue looks for the spare row. */
  full(): void {
    this.#untilSpare = 0;
  }

  /** Whether the error says that a narrow one touched a store that it had not asked for: from now on all of its kind ask for every store. */
  widen(kind: Kind, error: unknown): boolean {
    if (!isNamed(error, 'NotFoundError')) return false;
    this.#wide.add(kind);
    return true;
  }
}
