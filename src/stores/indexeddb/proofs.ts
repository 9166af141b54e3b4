import { settled } from './request.ts';

/**
 * What a transaction takes for granted so as not to wait for it: asked for together with what builds on it, and looked at before
 * the commit. Requests are answered in order, so each proof shows what was there before what builds on it was written.
 */
export class Proofs {
  readonly #asked: Promise<void>[] = [];

  ask<T>(request: IDBRequest<T>, holds: (answer: T) => boolean): void {
    const proof = settled(request).then((answer) => {
      if (!holds(answer)) throw new UnprovenError();
    });
    proof.catch(() => undefined); // Looked at in `hold`; another failure may come first.
    this.#asked.push(proof);
  }

  /** Throws UnprovenError: the transaction must not commit. */
  async hold(): Promise<void> {
    await Promise.all(this.#asked);
  }
}

/** Rows lie where the queue's own row says that none do. */
export class UnprovenError extends Error {
  constructor() {
    super('rows lie where there should be none; nothing was changed');
    this.name = 'UnprovenError';
  }
}
