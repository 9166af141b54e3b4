import { StoreBlockedError } from '../../core/kernel/errors.ts';
import type { SetTimer } from '../../core/timer.ts';

/** A frozen page runs no timers: one whose timers run was not frozen after all, or is awake again. */
const NOT_FROZEN_MS = 2_000;

/** From which a page does not come back by itself, and by which it does. */
const ENDS = ['freeze', 'pagehide'] as const;
const BEGINNINGS = ['resume', 'pageshow', 'visibilitychange'] as const;

type Listening = 'addEventListener' | 'removeEventListener';

/**
 * awake → `pagehide` into the back/forward cache → leaving → `freeze` → frozen; `resume`, `pageshow`, becoming visible, or a timer that
 * fires → awake. Leaving, what enqueues may still begin; frozen, nothing may: it would keep every other tab from the database.
 */
export class PageLife {
  readonly #setTimer: SetTimer;
  readonly #onFreeze: () => void;
  readonly #onLeave: () => void;
  #state: 'awake' | 'leaving' | 'frozen' = 'awake';
  /** It goes, and is not kept. */
  #isGoing = false;
  #isListening = false;
  #cancelTimer: (() => void) | undefined;
  /** Who waits for it to be awake. */
  #waiting: (() => void)[] = [];

  constructor(setTimer: SetTimer, onFreeze: () => void, onLeave: () => void) {
    this.#setTimer = setTimer;
    this.#onFreeze = onFreeze;
    this.#onLeave = onLeave;
  }

  /** It was told that it goes, and nothing since. */
  get isLeft(): boolean {
    return this.#isGoing || this.#state === 'leaving';
  }

  /** What begins now may not come to its second step. */
  get mayEnd(): boolean {
    return this.isLeft || isHidden();
  }

  /** From the first transaction on: a store that is only created touches no platform. */
  listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#each('addEventListener');
  }

  close(): void {
    if (this.#isListening) this.#each('removeEventListener');
    this.#wake();
  }

  mayBegin(kind: 'reader' | 'enqueuer' | 'drainer'): boolean {
    return this.#state === 'awake' || (this.#state === 'leaving' && kind === 'enqueuer');
  }

  /** Undefined: it is. */
  whenAwake(): Promise<void> | undefined {
    if (this.#state === 'awake') return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #each(method: Listening): void {
    try {
      for (const event of ENDS) globalThis[method](event, this.#onEnd, true);
      for (const event of BEGINNINGS) globalThis[method](event, this.#onBeginning, true);
    } catch {
      // A context without events of a page is not frozen by one.
    }
  }

  readonly #onEnd = (event: Event): void => {
    // A page that is not kept is gone with it: nothing else changes for what it does last.
    this.#isGoing = event.type === 'pagehide' && !(event as PageTransitionEvent).persisted;
    if (!this.#isGoing) this.#state = event.type === 'freeze' ? 'frozen' : 'leaving';
    if (event.type === 'freeze') this.#onFreeze();
    else this.#onLeave();
    if (this.#isGoing) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#setTimer(this.#wake, NOT_FROZEN_MS);
  };

  readonly #onBeginning = (event: Event): void => {
    if (event.type === 'visibilitychange' && isHidden()) return;
    this.#wake();
  };

  readonly #wake = (): void => {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#state = 'awake';
    this.#isGoing = false;
    for (const resume of this.#waiting.splice(0)) resume();
  };
}

/** Nothing of the call was done: this page is frozen or being left, or was about to be. */
export class FrozenError extends StoreBlockedError {
  readonly isUndone = true;
  constructor(database: string) {
    super(database, 'is not used while this page is frozen');
  }
}

export function isHidden(): boolean {
  return globalThis.document?.visibilityState === 'hidden';
}

/** Undefined: nothing keeps this page from working. A page that is prerendered may never be shown. */
export function whenActivated(): Promise<void> | undefined {
  const page = globalThis.document as (Document & { readonly prerendering?: boolean }) | undefined;
  if (page?.prerendering !== true) return undefined;
  return new Promise((resolve) => {
    page.addEventListener('prerenderingchange', () => resolve(), { once: true });
  });
}
