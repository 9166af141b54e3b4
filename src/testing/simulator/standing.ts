import type { Random } from './random.ts';
import type { Life, Timeline } from './timeline.ts';

/** How long a call waits for a store that stands still. */
export const BLOCKED_AFTER_MS = 10_000;

/**
 * What becomes of a call that is given up: its transaction is aborted; or it was committing, and is carried out when the store moves again, before
 * all that come later; or it was carried out at once, and only its answer did not come.
 */
const FATES = ['aborted', 'aborted', 'late', 'done'] as const;
/** What waits behind others is not done before them. */
const FATES_IN_LINE = ['aborted', 'aborted', 'late'] as const;

/** A call in line: it is carried out, and hands its answer over. */
type Go = () => Promise<void>;

/** A store that stands still for a while, as a tab that is frozen in the middle of a transaction makes it: calls wait in line, each for so long. */
export class Standing {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #line: Go[] = [];
  #until = 0;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  /** For how long it stands still. */
  get leftMs(): number {
    return Math.max(0, this.#until - this.#timeline.elapsed);
  }

  begin(ms: number): void {
    this.#until = Math.max(this.#until, this.#timeline.elapsed + ms);
    this.#timeline.after(ms, () => this.#goOn());
  }

  /**
   * Carries a call out, at once or when the store moves again, and lets its answer go. When that takes too long `giveUp` is called, and the answer
   * counts for nothing.
   */
  async pass(life: Life, carryOut: () => Promise<() => void>, giveUp: () => void): Promise<void> {
    if (this.leftMs === 0) {
      (await carryOut())();
      return;
    }
    const fate = this.#random.pick(this.#line.length === 0 ? FATES : FATES_IN_LINE);
    let isGivenUp = false;
    const cancel = this.#timeline.after(
      BLOCKED_AFTER_MS,
      () => {
        isGivenUp = true;
        giveUp();
      },
      life,
    );
    const done = fate === 'done' ? await carryOut() : undefined;
    this.#line.push(async () => {
      cancel();
      // The browser aborts what a page had open that is gone.
      if (fate === 'aborted' && (isGivenUp || life.state === 'dead')) return;
      const answer = done ?? (await carryOut());
      if (!isGivenUp) answer();
    });
  }

  /** What waited is carried out, in order. */
  async #goOn(): Promise<void> {
    if (this.leftMs > 0) return;
    for (const go of this.#line.splice(0)) await go();
  }

  /** From now on it moves. */
  async end(): Promise<void> {
    this.#until = 0;
    await this.#goOn();
  }
}
