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
  /** The earliest instant for which the storage is being asked whether an alarm is armed. */
  #unconfirmed: number | undefined;
  #running = 0;

  constructor(state: { readonly storage: AlarmStorage }, options: SharedAlarmOptions = {}) {
    this.#storage = state.storage;
    this.#onError = options.onError ?? tellConsole;
    this.#now = options.now ?? Date.now;
  }

  /** Joins the alarm's users, and arms it for this one. Call it in the object's constructor. */
  join(name: string, user: AlarmUser): void {
    this.#users.set(name, user);
    const at = user.nextAt();
    // The alarm that this one may have left behind when its object was evicted is there still, perhaps about to be run.
    if (at !== undefined) void this.#confirm(Math.max(at, this.#now()));
  }

  /**
   * Asks for the alarm at this instant or earlier. Inside a transaction the alarm is rolled back with it. Past instants mean now
   * (alarms set in the past were seen not to fire: cloudflare-docs #18324).
   */
  wish(at: number | undefined): void {
    if (at === undefined || this.#running > 0) return;
    const instant = Math.max(at, this.#now());
    if (this.#armed !== undefined && this.#armed <= instant) void this.#confirm(instant);
    else void this.#arm(instant);
  }

  /** What is remembered may be gone: somebody deleted it, or a transaction around ours was rolled back. Reading costs no row. */
  async #confirm(instant: number): Promise<void> {
    const asked = this.#unconfirmed !== undefined;
    this.#unconfirmed = Math.min(instant, this.#unconfirmed ?? instant);
    if (asked) return;
    const armed = (await this.#told(this.#storage.getAlarm())) ?? undefined;
    const earliest = this.#unconfirmed;
    this.#unconfirmed = undefined;
    if (this.#running > 0) return;
    this.#armed = armed;
    if (armed === undefined || armed > earliest) await this.#arm(earliest);
  }

  /** Makes it as early as this. Not knowing what is armed, also as early as every other user wants it. */
  async #arm(at: number): Promise<void> {
    const instant = this.#armed === undefined ? Math.min(at, this.#earliest()) : at;
    this.#armed = instant;
    await this.#told(this.#storage.setAlarm(instant));
  }

  /** What the storage fails at is told, and nothing remembered. */
  async #told<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      this.forget();
      this.#onError('the object', error);
      return undefined;
    }
  }

  #earliest(): number {
    const instants = [...this.#users].map(([name, user]) => this.#nextAtOf(name, user));
    return Math.max(this.#now(), Math.min(...instants.map((at) => at ?? Number.POSITIVE_INFINITY)));
  }

  /** Forgets what is armed: a transaction was rolled back. */
  forget(): void {
    this.#armed = undefined;
  }

  /** What `alarm(info)` of the object has to do. Wakes whose instant has come, then arms for the earliest. Never throws. */
  async run(info: AlarmInfo = { retryCount: 0, isRetry: false }): Promise<void> {
    this.#armed = undefined;
    this.#running += 1;
    try {
      // This run may kill the object as the one before it did: the next wake must not depend on its end.
      if (info.retryCount > 0) await this.#told(this.#storage.setAlarm(this.#now() + FALLBACK_MS));
      await Promise.all([...this.#users].map(([name, user]) => this.#wake(name, user, info)));
    } finally {
      this.#running -= 1;
      await this.#rearm();
    }
  }

  async #wake(name: string, user: AlarmUser, info: AlarmInfo): Promise<void> {
    try {
      const at = this.#pausedUntil(name, user.nextAt());
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

  /** Undefined also when it throws instead of answering, which is told. */
  #nextAtOf(name: string, user: AlarmUser): number | undefined {
    try {
      return this.#pausedUntil(name, user.nextAt());
    } catch (error) {
      this.#onError(name, error);
      return undefined;
    }
  }

  #pausedUntil(name: string, at: number | undefined): number | undefined {
    const notBefore = this.#failing.get(name)?.notBefore;
    return at === undefined || notBefore === undefined ? at : Math.max(at, notBefore);
  }

  async #rearm(): Promise<void> {
    if (this.#running > 0) return;
    this.#armed = (await this.#told(this.#storage.getAlarm())) ?? undefined;
    const earliest = this.#earliest();
    if (earliest < (this.#armed ?? Number.POSITIVE_INFINITY)) await this.#arm(earliest);
  }
}
