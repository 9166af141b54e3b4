/** What is called at most every 5 s, however often somebody wants to know. */
export const MIN_EVERY_MS = 5_000;

export interface ProberSetup {
  readonly probe: (signal: AbortSignal) => boolean | Promise<boolean>;
  /** How long an answer is good for. */
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Whether it may look by itself. */
  readonly mayLook: () => boolean;
  /** The answer is another. */
  readonly onNews: () => void;
}

/**
 * Asks a probe, one at a time, never twice within 5 s.
 *
 * unknown → (asked) → asking → there | away → (too old: asked again, and meanwhile the last answer counts) → there | away; `forget` → unknown.
 * Away, it asks by itself, as long as it may look.
 */
export class Prober {
  readonly #setup: ProberSetup;
  #known: boolean | undefined;
  #asking: Promise<boolean> | undefined;
  /** Ends what is being asked. */
  #cancel: (() => void) | undefined;
  #begunAt = Number.NEGATIVE_INFINITY;
  /** How often in a row the answer was no. */
  #misses = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(setup: ProberSetup) {
    this.#setup = setup;
  }

  /** The last answer; a promise before there is one. */
  isThere(): boolean | Promise<boolean> {
    if (this.#asking === undefined) {
      const waitMs = this.#known === undefined ? 0 : this.#goodForMs() - this.#age();
      if (waitMs <= 0) this.#ask();
      else if (this.#known === false) this.#lookIn(waitMs);
    }
    return this.#known ?? this.#asking ?? false;
  }

  /** What was found out is of another network. */
  forget(): void {
    this.#known = undefined;
    this.#misses = 0;
  }

  /** Asks no more by itself, and gives up what is being asked. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#cancel?.();
  }

  /** A clock that was set back makes it old. */
  #age(): number {
    const age = Date.now() - this.#begunAt;
    return age >= 0 ? age : Number.POSITIVE_INFINITY;
  }

  #goodForMs(): number {
    const { everyMs } = this.#setup;
    return this.#known ? everyMs : Math.min(MIN_EVERY_MS * 2 ** (this.#misses - 1), everyMs);
  }

  #lookIn(ms: number): void {
    const { mayLook } = this.#setup;
    if (!mayLook()) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (mayLook()) void this.isThere();
    }, ms);
  }

  #ask(): void {
    const { probe, timeoutMs } = this.#setup;
    const aborting = new AbortController();
    this.#asking = new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout>;
      const end = (isThere: boolean, isKnown: boolean) => {
        if (this.#cancel !== cancel) return;
        this.#cancel = undefined;
        this.#asking = undefined;
        clearTimeout(timer);
        aborting.abort();
        if (isKnown) this.#learn(isThere);
        resolve(isThere);
      };
      const cancel = () => end(false, false);
      this.#cancel = cancel;
      const begin = () => {
        this.#begunAt = Date.now();
        timer = setTimeout(() => end(false, true), timeoutMs);
        answerOf(probe, aborting.signal).then(
          (isThere) => end(isThere === true, true),
          () => end(false, true),
        );
      };
      const waitMs = MIN_EVERY_MS - this.#age();
      if (waitMs > 0) timer = setTimeout(begin, waitMs);
      else begin();
    });
  }

  #learn(isThere: boolean): void {
    const before = this.#known;
    this.#known = isThere;
    this.#misses = isThere ? 0 : this.#misses + 1;
    if (!isThere) this.#lookIn(this.#goodForMs() - this.#age());
    if (isThere !== before) this.#setup.onNews();
  }
}

/** An async function turns what the probe throws into a rejection. */
async function answerOf(probe: ProberSetup['probe'], signal: AbortSignal): Promise<boolean> {
  return await probe(signal);
}
