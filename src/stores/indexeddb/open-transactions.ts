import { StoreBlockedError } from '../../core/kernel/errors.ts';
import type { SetTimer } from '../../core/timer.ts';
import { FrozenError } from './page-life.ts';
import { PARTS } from './running-time.ts';

/** Waits for the answer of a transaction, but not without end. `enqueues`: it is given up when the page is left. */
export type Until = <T>(transaction: IDBTransaction, answer: Promise<T>, enqueues?: boolean) => Promise<T>;

interface Open {
  readonly transaction: IDBTransaction;
  readonly number: number;
  readonly fail: (error: unknown) => void;
  readonly enqueues: boolean;
  /** One of its requests was answered since the last look. */
  hasMoved: boolean;
  /** Looks in a row that found that neither it nor one before it had moved. */
  stillFor: number;
}

export interface OpenTransactionsSetup {
  readonly database: string;
  /** How long one may stand still. */
  readonly blockedAfterMs: number;
  readonly setTimer: SetTimer;
  readonly onBlocked: () => void;
}

/**
 * The transactions of one opening that have not ended. One that stands still, as a frozen tab holds the database, is aborted and its call
 * rejects. Standing still means that neither it nor any that began before it here, for which it may wait, got an answer: large ones and
 * long lines move.
 */
export class OpenTransactions {
  readonly #setup: OpenTransactionsSetup;
  /** In the order in which they began. */
  readonly #open = new Set<Open>();
  #count = 0;
  /** The first that ended since the last look. */
  #firstEnded = Number.POSITIVE_INFINITY;
  #cancelLook: (() => void) | undefined;

  constructor(setup: OpenTransactionsSetup) {
    this.#setup = setup;
  }

  /** The answer, or StoreBlockedError: then the transaction was aborted, unless it was committing already. */
  until<T>(transaction: IDBTransaction, answer: Promise<T>, enqueues = false): Promise<T> {
    return new Promise((resolve, fail) => {
      this.#count += 1;
      const open: Open = { transaction, number: this.#count, fail, enqueues, hasMoved: false, stillFor: 0 };
      // Answers do not bubble, but whoever captures sees each of them on its way.
      transaction.addEventListener('success', () => this.#moved(open), true);
      this.#open.add(open);
      this.#cancelLook ??= this.#lookLater();
      answer.then(
        (value) => {
          this.#ended(open);
          resolve(value);
        },
        (error: unknown) => {
          this.#ended(open);
          fail(error);
        },
      );
    });
  }

  /** The page is being frozen: what is open would hold up every other tab. What commits already is left alone. */
  freeze(): void {
    for (const open of this.#open) this.#giveUp(open);
  }

  /** The page is being left: what has not come to its last step never would, so it is stored as it is instead. */
  leave(): void {
    for (const open of this.#open) if (open.enqueues) this.#giveUp(open);
  }

  #giveUp(open: Open): void {
    if (abort(open)) this.#fail(open, new FrozenError(this.#setup.database));
  }

  /** What is open still is looked at until it has ended: its call would be waited for without end. */
  close(): void {
    if (this.#open.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  #moved(open: Open): void {
    open.hasMoved = true;
  }

  #ended(open: Open): void {
    if (this.#open.delete(open)) this.#firstEnded = Math.min(this.#firstEnded, open.number);
  }

  #fail(open: Open, error: unknown): void {
    this.#open.delete(open);
    open.fail(error);
  }

  #lookLater(): () => void {
    const { setTimer, blockedAfterMs } = this.#setup;
    return setTimer(() => this.#look(), blockedAfterMs / PARTS);
  }

  #look(): void {
    let moved = false;
    for (const open of [...this.#open]) {
      moved ||= open.hasMoved || this.#firstEnded < open.number;
      open.stillFor = moved ? 0 : open.stillFor + 1;
      open.hasMoved = false;
      // It may have begun since the last look, so that one look more makes the bound whole.
      if (open.stillFor > PARTS) this.#block(open);
    }
    this.#firstEnded = Number.POSITIVE_INFINITY;
    this.#cancelLook = this.#open.size > 0 ? this.#lookLater() : undefined;
  }

  #block(open: Open): void {
    const { database, blockedAfterMs, onBlocked } = this.#setup;
    abort(open);
    const problem = `stood still for ${blockedAfterMs} ms: another tab of this site seems to be frozen`;
    this.#fail(open, new StoreBlockedError(database, problem));
    onBlocked();
  }
}

/** Returns whether nothing of it was done. */
function abort({ transaction }: Open): boolean {
  try {
    transaction.abort();
    return true;
  } catch {
    return false; // It is committing, or has ended.
  }
}
