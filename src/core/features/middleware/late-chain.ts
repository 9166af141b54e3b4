import type { Wanted } from '../../queue/around.ts';
import type { CheckedJob } from '../../queue/checked-job.ts';
import { Chain } from '../../work/chain.ts';

/** A job on its way through the middleware. */
interface Coming {
  readonly id: string;
  readonly job: Promise<CheckedJob>;
  /** What refused it in the task of the call, if anything did. */
  readonly refusal: () => { readonly error: unknown } | undefined;
}

/** The jobs of one handler where middleware goes around each: each keeps its place until it is let through. */
export class LateChain extends Chain {
  /** In the order of the calls. */
  readonly #coming: Promise<CheckedJob>[] = [];
  readonly #enter: (item: Wanted) => Coming;

  constructor(enter: (item: Wanted) => Coming) {
    super(() => {
      throw new TypeError('it goes through the middleware');
    });
    this.#enter = enter;
  }

  /** Throws at once what refuses it, unless a middleware waits first: then `arrived` rejects with it. */
  override enqueue(item: Wanted): string {
    const { id, job, refusal } = this.#enter(item);
    job.catch(() => undefined); // `arrived` rejects with it.
    const refused = refusal();
    if (refused !== undefined) throw refused.error;
    this.checkRoom(this.#coming.length);
    this.#coming.push(job);
    return id;
  }

  /** Adds all that are on their way. Rejects with what refuses the first of them. */
  async arrived(): Promise<void> {
    // More may come meanwhile.
    for (let next = this.#coming[0]; next !== undefined; next = this.#coming[0]) {
      this.add(await next);
      this.#coming.shift();
    }
  }
}
