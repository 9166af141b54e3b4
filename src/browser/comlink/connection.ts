import { type Environment, messageOf, StoreClosedError, StoreError } from '../../core/index.ts';
import { randomText } from '../../core/random.ts';
import { type Batch, isStarted, type Wanted } from './face.ts';
import { HostLink } from './host-link.ts';
import { type Held, holdLock } from './locks.ts';
import { type HostWorker, type Target, targetOf } from './targets.ts';

/** A host that lived for less was not well: the next one is made after a longer pause. */
const WELL_MS = 10_000;
const PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;

export interface ConnectionOptions {
  readonly queue: string;
  /** Makes a host, or finds the one that is there. Called again when that is gone. */
  readonly make: () => HostWorker | Promise<HostWorker>;
  /** It cannot be made again: what is given is all there is. */
  readonly isGiven: boolean;
  readonly environment: Environment;
  readonly startTimeoutMs: number;
  readonly startTries: number;
  readonly wanted: () => Wanted;
  readonly onBatch: (batch: Batch) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * The way to a host, whichever it is: idle → `link` → starting → up → its host is gone → starting (or idle, where the browser ends hosts as it
 * likes) → …; closed → over. Starts that fail are bounded: after `startTries` of them whoever waits is rejected, and the next start waits
 * longer each time.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #lock: Promise<Held | undefined>;
  #link: HostLink | undefined;
  #starting: Promise<HostLink> | undefined;
  /** Starts in a row that came to nothing, or to a host that died at once. */
  #failures = 0;
  #refusal: { readonly error: unknown; readonly until: number } | undefined;
  #isTransient = false;
  #wasUp = false;
  /** A service worker has started that is not the one of the link. */
  #isNextUp = false;
  readonly #closing = new AbortController();
  #endHearing: (() => void) | undefined;
  #endPause: (() => void) | undefined;
  /** The last that was made, until it is ended. */
  #target: Target | undefined;
  /** What is still made is ended, too. */
  #isEnding = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#lock = holdLock(`holdfast guest ${randomText()}`);
  }

  /** The host that is up, or the next one. Rejects when none comes up. */
  link(): Promise<HostLink> {
    if (this.#isClosed) return Promise.reject(this.#closedError());
    if (this.#link !== undefined) return Promise.resolve(this.#link);
    if (this.#refusal !== undefined && this.#now() < this.#refusal.until)
      return Promise.reject(this.#refusal.error);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Connects, if it is not: somebody wants to hear something. Never rejects. */
  reach(): void {
    this.link().catch((error) => {
      if (!this.#isClosed) this.#options.onError(error);
    });
  }

  /** Other hints or events are wanted now. */
  update(): void {
    if (this.#link !== undefined) this.#want(this.#link);
    else if (!this.#isClosed && this.#isListening) this.reach();
  }

  /** Ends the host, whatever it does, where it is this page's own, and connects anew. */
  restart(): void {
    this.#link?.die();
    this.reach();
  }

  /** Waits for no start: one that is under way comes to nothing. `ends`: a worker that was made here goes as well. */
  close(ends = false): void {
    this.#closing.abort();
    this.#isEnding ||= ends;
    this.#endPause?.();
    this.#endHearing?.();
    this.#link?.release();
    if (ends && this.#target !== undefined) this.#discard(this.#target);
    void this.#lock.then((held) => held?.letGo());
  }

  get #isListening(): boolean {
    const { hints, events } = this.#options.wanted();
    return hints || events.length > 0;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #now(): number {
    return this.#options.environment.now();
  }

  async #start(): Promise<HostLink> {
    const { startTries, isGiven } = this.#options;
    const tries = isGiven ? 1 : startTries;
    for (let tried = 1; ; tried++) {
      if (this.#failures > 0) await this.#pause();
      if (this.#isClosed) throw this.#closedError();
      try {
        return this.#up(await this.#open());
      } catch (cause) {
        if (this.#isClosed) throw this.#closedError();
        this.#failures += 1;
        if (tried >= tries) throw this.#refuse(cause);
      }
    }
  }

  #refuse(cause: unknown): StoreError {
    const what = `the host of queue ${JSON.stringify(this.#options.queue)} did not start: ${messageOf(cause)}`;
    const error = new StoreError(what, { retryable: false, cause });
    this.#refusal = { error, until: this.#now() + this.#pauseMs };
    return error;
  }

  #closedError(): StoreClosedError {
    return new StoreClosedError(`queue ${JSON.stringify(this.#options.queue)}`);
  }

  async #open(): Promise<HostLink> {
    const { queue, environment, startTimeoutMs, onBatch, make } = this.#options;
    const held = await this.#lock;
    if (this.#isClosed) throw this.#closedError();
    const target = targetOf(await make());
    this.#target = target;
    if (this.#isEnding) this.#discard(target);
    if (this.#isClosed) throw this.#closedError();
    this.#isTransient = target.isTransient;
    if (target.isTransient) this.#hearStarts();
    try {
      const guest = held === undefined ? {} : { lock: held.name };
      const { signal } = this.#closing;
      return await HostLink.open(target, { queue, guest, environment, startTimeoutMs, signal, onBatch });
    } catch (error) {
      this.#discard(target);
      throw error;
    }
  }

  #discard(target: Target): void {
    if (this.#target === target) this.#target = undefined;
    if (!this.#options.isGiven) target.end();
  }

  #up(link: HostLink): HostLink {
    if (this.#isClosed) {
      link.release();
      throw this.#closedError();
    }
    this.#refusal = undefined;
    this.#isNextUp = false;
    this.#link = link;
    link.onDeath(() => this.#down(link));
    if (this.#isListening) this.#want(link);
    // What the last one still had to say is lost: whoever waits looks.
    if (this.#wasUp) this.#options.onBatch({ hints: ['work', 'cancel'], events: [] });
    this.#wasUp = true;
    return link;
  }

  #down(link: HostLink): void {
    if (this.#link === link) this.#link = undefined;
    if (this.#isClosed) return;
    this.#discard(link.target);
    this.#failures = this.#now() - link.since < WELL_MS ? this.#failures + 1 : 0;
    const isWanted = this.#isTransient ? this.#isNextUp && this.#isListening : !this.#options.isGiven;
    if (isWanted) this.reach();
  }

  #want(link: HostLink): void {
    link.want(this.#options.wanted()).catch((error) => {
      // A host that is gone is the business of whoever makes the next one.
      if (!link.isDead) this.#options.onError(error);
    });
  }

  get #pauseMs(): number {
    return Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** (this.#failures - 1));
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.environment.setTimer(resolve, this.#pauseMs);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  /** A service worker that starts says so: whoever waits for events connects again. */
  #hearStarts(): void {
    if (this.#endHearing !== undefined) return;
    const { serviceWorker } = globalThis.navigator;
    const hear = ({ data }: MessageEvent) => {
      if (!isStarted(data, this.#options.queue) || data.host === this.#link?.host) return;
      // The one before is gone, as is heard in a moment.
      this.#isNextUp = true;
      if (this.#isListening) this.reach();
    };
    serviceWorker.addEventListener('message', hear);
    serviceWorker.startMessages();
    this.#endHearing = () => serviceWorker.removeEventListener('message', hear);
  }
}
