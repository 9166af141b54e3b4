import type { ObjectStorage } from '../stores/durable-object/index.ts';

/** What a Durable Object's `alarm` is called with. */
export interface AlarmInfo {
  readonly retryCount: number;
  readonly isRetry: boolean;
}

/** The part of the object's storage that has its one alarm. */
export interface AlarmStorage extends ObjectStorage {
  getAlarm(): Promise<number | null>;
  setAlarm(at: number): Promise<void>;
  /** Resolves when what was written is on disk. */
  sync?(): Promise<void>;
}

export interface SharedAlarmOptions {
  /** Hears what an alarm's user threw. Default: `console.error`. */
  readonly onError?: (user: string, error: unknown) => void;
  /** Epoch ms. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Whose alarm it is to look, and what to do then. */
export interface AlarmUser {
  /** When this user wants to be woken, epoch ms; undefined: not at all. */
  nextAt(): number | undefined;
  /** Called when that instant has come. */
  wake(info: AlarmInfo): Promise<void> | void;
}

/** The object's log is where its user looks when nobody said where else. */
function tellConsole(user: string, error: unknown): void {
  // biome-ignore lint/suspicious/noConsole: an alarm has no caller that could be told
  console.error(`the alarm of ${user} failed:`, error);
}

/** While a retried alarm runs, another is armed this far ahead: the platform gives up after six retries, we do not. */
const FALLBACK_MS = 60_000;

/** A user that threw is not woken again at once, as each time is an alarm: like the platform, after 2 s, doubling, here up to 5 min. */
const PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 300_000;

interface Failing {
  readonly times: number;
  readonly notBefore: number;
}

/**
 * The one alarm of a Durable Object, shared: the earliest wish wins. Each user says when it wants to be woken; instants are not stored
 * here, so a user must know its own after a restart. `setAlarm` is called only when it makes the alarm earlier (a row
 * written each), never while an alarm runs (it is armed anew at its end), and never when nobody waits.
 */
export class SharedAlarm {
  readonly #storage: AlarmStorage;
  readonly #users = new Map<string, AlarmUser>();
  /** Who threw when it was woken last. */
  readonly #failing = new Map<string, Failing>();
  readonly #onError: (user: string, error: unknown) => void;
  readonly #now: () => number;
  /** What is known to be armed; undefined: nothing, or not known. */
  #armed: number | undefined;
  #running = 0;

  constructor(state: { readonly storage: AlarmStorage }, options: SharedAlarmOptions = {}) {
    this.#storage = state.storage;
    this.#onError = options.onError ?? tellConsole;
    this.#now = options.now ?? Date.now;
  }

  /** Joins the alarm's users, and arms it for this one. Call it in the object's constructor. */
  join(name: string, user: AlarmUser): void {
    this.#users.set(name, user);
    this.wish(user.nextAt());
  }

  /**
   * Asks for the alarm at this instant or earlier. Inside a transaction the alarm is rolled back with it. Past instants mean now
   * (alarms set in the past were seen not to fire: cloudflare-docs #18324).
   */
  wish(at: number | undefined): void {
    if (at === undefined || this.#running > 0) return;
    const now = this.#now();
    const instant = Math.max(at, now);
    if (this.#armed !== undefined && this.#armed <= instant) {
      void this.#confirm(instant);
      return;
    }
    this.#armed = instant;
    void this.#set(instant);
  }

  /** What is remembered may be gone: somebody deleted it, or a transaction around ours was rolled back. Reading costs no row. */
  async #confirm(instant: number): Promise<void> {
    const armed = await this.#storage.getAlarm();
    if (this.#running > 0 || (armed !== null && armed <= instant)) return;
    this.#armed = instant;
    await this.#set(instant);
  }

  async #set(instant: number): Promise<void> {
    try {
      await this.#storage.setAlarm(instant);
    } catch (error) {
      this.forget();
      this.#onError('the object', error);
    }
  }

  /** Forgets what is armed: a transaction was rolled back. */
  forget(): void {
    this.#armed = undefined;
  }

  /** What `alarm(info)` of the object has to do. Wakes whose instant has come, then arms for the earliest. Never throws. */
  async run(info: AlarmInfo = { retryCount: 0, isRetry: false }): Promise<void> {
    this.#armed = undefined;
    // This run may kill the object as the one before it did: the next wake must not depend on its end.
    if (info.retryCount > 0) await this.#storage.setAlarm(this.#now() + FALLBACK_MS);
    this.#running += 1;
    try {
      await Promise.all([...this.#users].map(([name, user]) => this.#wake(name, user, info)));
    } finally {
      this.#running -= 1;
      await this.#rearm();
    }
  }

  async #wake(name: string, user: AlarmUser, info: AlarmInfo): Promise<void> {
    try {
      const at = this.#nextAtOf(name, user);
      if (at === undefined || at > this.#now()) return;
      await user.wake(info);
      this.#failing.delete(name);
    } catch (error) {
      const times = (this.#failing.get(name)?.times ?? 0) + 1;
      const pauseMs = Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** (times - 1));
      this.#failing.set(name, { times, notBefore: this.#now() + pauseMs });
      this.#onError(name, error);
    }
  }

  #nextAtOf(name: string, user: AlarmUser): number | undefined {
    const at = user.nextAt();
    const notBefore = this.#failing.get(name)?.notBefore;
    return at === undefined || notBefore === undefined ? at : Math.max(at, notBefore);
  }

  async #rearm(): Promise<void> {
    if (this.#running > 0) return;
    this.#armed = (await this.#storage.getAlarm()) ?? undefined;
    for (const [name, user] of this.#users) {
      try {
        this.wish(this.#nextAtOf(name, user));
      } catch (error) {
        this.#onError(name, error);
      }
    }
  }
}
