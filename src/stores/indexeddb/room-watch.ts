import type { SetTimer } from '../../core/timer.ts';
import { type Room, roomOf } from './health.ts';

/** Used so far, the origin is low on room; used less than the second again, it no longer is. */
const LOW = 0.8;
const WELL = 0.75;
/** The browser is asked at most once in so many ms. */
const REST_MS = 60_000;

/**
 * Tells when room runs low, once until it has recovered. Only while somebody watches, only after new work was stored, and at most once a
 * minute the browser is asked how much there is.
 *
 * well → (`LOW` of the quota is used, or something could not be stored for want of room) → low → (less than `WELL` is used; where the browser
 * does not say: something new was stored) → well
 */
export class RoomWatch {
  readonly #setTimer: SetTimer;
  readonly #onLow: (room: Room) => void;
  #watchers = 0;
  #isLow = false;
  /** New work was stored since the browser was asked. */
  #hasGrown = false;
  /** Ends the rest after the browser was asked; undefined: it may be asked. */
  #cancelRest: (() => void) | undefined;

  constructor(setTimer: SetTimer, onLow: (room: Room) => void) {
    this.#setTimer = setTimer;
    this.#onLow = onLow;
  }

  /** Returns what ends it. */
  watch(): () => void {
    this.#watchers += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#stop();
    };
  }

  /** New work was stored. */
  grown(): void {
    if (this.#watchers === 0) return;
    this.#hasGrown = true;
    if (this.#cancelRest === undefined) void this.#look();
  }

  /** Something was refused for want of room. */
  full(): void {
    if (this.#watchers > 0 && !this.#isLow) void this.#tell(roomOf(this.#setTimer));
  }

  close(): void {
    this.#watchers = 0;
    this.#stop();
  }

  #stop(): void {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
    this.#isLow = false;
  }

  async #look(): Promise<void> {
    this.#hasGrown = false;
    this.#cancelRest = this.#setTimer(() => {
      this.#cancelRest = undefined;
      if (this.#hasGrown) void this.#look();
    }, REST_MS);
    const asked = roomOf(this.#setTimer);
    const { usage, quota } = await asked;
    const used = usage === undefined || quota === undefined ? 0 : usage / quota;
    if (used < WELL) this.#isLow = false;
    else if (used >= LOW && !this.#isLow) await this.#tell(asked);
  }

  async #tell(asked: Promise<Room>): Promise<void> {
    this.#isLow = true;
    const room = await asked;
    if (this.#watchers > 0) this.#onLow(room);
  }
}
