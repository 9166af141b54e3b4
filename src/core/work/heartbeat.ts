import type { Environment } from '../queue/environment.ts';

/** A lease is extended this many times before it would end. */
const BEATS_PER_LEASE = 3;

/** What a heartbeat keeps alive, and whom it tells what the store answered. */
export interface Beating {
  readonly environment: Environment;
  readonly leaseMs: number;
  /** Something is held. */
  isNeeded(): boolean;
  /** Extends all that is held; answers whether the store did. Never rejects. */
  beat(): Promise<boolean>;
  /** What is held now is held for a lease. */
  onSure(): void;
}

/** Beats every third of a lease for as long as something is held; without that there is no timer. */
export class Heartbeat {
  readonly #beating: Beating;
  #dueAt: number | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;
  /** The beat under way, and the one after it that was asked for meanwhile. */
  #beatNow: Promise<boolean> | undefined;
  #beatNext: Promise<boolean> | undefined;
  /** Until when the store is known to have left the leases to this worker. */
  #sureUntil = Number.POSITIVE_INFINITY;
  /** The same of what was claimed since the last beat was sent: that beat does not extend it. */
  #newUntil = Number.POSITIVE_INFINITY;

  constructor(beating: Beating) {
    this.#beating = beating;
  }

  /** Leases were claimed by a call that began then. */
  claimed(at: number, alone: boolean): void {
    const until = at + this.#beating.leaseMs;
    this.#sureUntil = alone ? until : Math.min(this.#sureUntil, until);
    this.#newUntil = alone ? until : Math.min(this.#newUntil, until);
  }

  /** The leases may have run out, or nearly: nothing may begin, and nobody be called gone, before a beat has come through. */
  get isUnsure(): boolean {
    return this.isUnsureAt(this.#beating.environment.now());
  }

  isUnsureAt(now: number): boolean {
    return now > this.#sureUntil - this.#beating.leaseMs / BEATS_PER_LEASE && this.#beating.isNeeded();
  }

  /** Call when something was claimed or settled. */
  adjust(): void {
    if (!this.#beating.isNeeded()) this.#disarm();
    else if (this.#cancel === undefined && !this.#stopped) this.#arm();
  }

  #arm(): void {
    const { environment, leaseMs } = this.#beating;
    const everyMs = leaseMs / BEATS_PER_LEASE;
    this.#dueAt = environment.now() + everyMs;
    this.#cancel = environment.setTimer(() => void this.now(), everyMs);
  }

  /**
   * Beats at once, or, for all who ask while a beat is under way, once more after it: an older one must not come after a newer. The next
   * one comes a third of a lease later. Answers whether the store has what was held when it was asked.
   */
  now(): Promise<boolean> {
    if (this.#beatNow === undefined) return this.#begin();
    this.#beatNext ??= this.#beatNow.then(() => {
      this.#beatNext = undefined;
      return this.#begin();
    });
    return this.#beatNext;
  }

  #begin(): Promise<boolean> {
    this.#beatNow = this.#beat().finally(() => {
      this.#beatNow = undefined;
    });
    return this.#beatNow;
  }

  async #beat(): Promise<boolean> {
    this.#disarm();
    const { environment, leaseMs } = this.#beating;
    const at = environment.now();
    const isNeeded = this.#beating.isNeeded();
    this.#newUntil = Number.POSITIVE_INFINITY;
    const done = !isNeeded || (await this.#beating.beat());
    if (isNeeded && done) {
      this.#sureUntil = Math.min(at + leaseMs, this.#newUntil);
      this.#beating.onSure();
    }
    this.adjust();
    return done;
  }

  /** It should have beaten more than so long ago. */
  isLate(byMs: number): boolean {
    return this.#dueAt !== undefined && this.#beating.environment.now() > this.#dueAt + byMs;
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueAt = undefined;
  }
}
