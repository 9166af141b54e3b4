import type { SetTimer } from '../../core/index.ts';
import type { ServiceWorkerScope, Successor } from './scope.ts';
import type { SyncRun } from './sync-run.ts';

/*
 * A new version takes over: it asks the old one to finish or give back what it runs, and waits for that before it is installed, as browsers may end
 * the old one without a word from then on.
 *
 *   works ── asked, or a version is found ──▶ held back ── it is installed and takes over ──▶ (ended by the browser)
 *     ▲                                          │
 *     └── it waits for the tabs of the old one, is slow, or failed ──┘
 */

export interface YieldMessage {
  readonly holdfast: 'yield';
  readonly tag: string;
}

/** For how long the old version claims nothing, by what the new one is. One that is not here: for good. */
const HELD_BACK_MS: Readonly<Record<string, number>> = { installing: 30_000, installed: 5_000, redundant: 0 };

/** Within this the old version has heard, also one that has to be started for it. */
const HEARD_WITHIN_MS = 3_000;
/** It has given back what it held this long after its grace. */
const WRITTEN_WITHIN_MS = 5_000;

/** The old version: holds back while a new one takes over. */
export class Predecessor {
  readonly #run: SyncRun;
  readonly #scope: ServiceWorkerScope;
  readonly #setTimer: SetTimer;
  readonly #onResume: () => void;
  #watched: Successor | null | undefined;
  #own: unknown;
  #cancel = (): void => {};
  #isEnded = false;

  /** `onResume`: nobody has taken over, so there is work again. */
  constructor(run: SyncRun, scope: ServiceWorkerScope, setTimer: SetTimer, onResume: () => void) {
    this.#run = run;
    this.#scope = scope;
    this.#setTimer = setTimer;
    this.#onResume = onResume;
  }

  /** Resolves when all that ran here is written. */
  async yields(): Promise<void> {
    const { installing, waiting } = this.#scope.registration;
    const next = installing ?? waiting;
    if (next !== this.#watched) next?.addEventListener('statechange', () => void this.#holdBack(next));
    this.#watched = next;
    await this.#holdBack(next);
  }

  /** This version is that one, on its way itself: its scope hears of it as of newer ones. */
  isItself(own: unknown): void {
    this.#own = own;
    this.#resume();
  }

  /** Nothing resumes from here on, whatever becomes of the new version. */
  end(): void {
    this.#isEnded = true;
    this.#cancel();
  }

  #resume(): void {
    this.#cancel();
    this.#run.resume();
  }

  async #holdBack(next: Successor | null | undefined): Promise<void> {
    if (this.#isEnded) return;
    if (next && next === this.#own) return;
    this.#cancel();
    const heldMs = HELD_BACK_MS[next?.state ?? 'installed'];
    if (heldMs !== undefined)
      this.#cancel = this.#setTimer(() => {
        this.#resume();
        this.#onResume();
      }, heldMs);
    await this.#run.holdBack();
  }
}

/** The new version: resolves when the old one has given back what it held, does not hear, or takes too long. Never rejects. */
export async function askToYield(
  scope: ServiceWorkerScope,
  message: YieldMessage,
  graceMs: number,
  setTimer: SetTimer,
): Promise<void> {
  try {
    const { active } = scope.registration;
    if (active === null) return;
    const { port1, port2 } = new MessageChannel();
    await new Promise<void>((resolve) => {
      let cancel = setTimer(resolve, HEARD_WITHIN_MS);
      port1.onmessage = ({ data }) => {
        cancel();
        if (data === 'done') resolve();
        else cancel = setTimer(resolve, graceMs + WRITTEN_WITHIN_MS);
      };
      active.postMessage(message, [port2]);
    });
    port1.close();
  } catch {
    // It cannot be asked.
  }
}
