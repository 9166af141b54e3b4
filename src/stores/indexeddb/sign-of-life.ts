import type { SetTimer } from '../../core/timer.ts';
import { inTime } from './in-time.ts';

/**
 * Web Locks as a sign of life: a worker holds a lock of its name for as long as its page lives, and the browser lets go of it
 * when the page is gone. Who asks whether it is free asks for a share: a watcher that is frozen, and cannot let go of what it was given,
 * hides nothing from the others. Where the browser has no locks, or denies them, nothing is proven and leases alone decide.
 */
export class SignsOfLife {
  readonly #database: string;
  readonly #held = new Map<string, () => void>();
  readonly #watched = new Set<string>();
  readonly #end = new AbortController();

  readonly #setTimer: SetTimer;

  constructor(database: string, setTimer: SetTimer) {
    this.#database = database;
    this.#setTimer = setTimer;
  }

  /** This opening's worker proves its life. */
  readonly isHeld = (workerId: string): boolean => this.#held.has(workerId);

  async hold(workerId: string): Promise<() => void> {
    const granted = await this.#request(workerId, {}, () => undefined);
    if (granted === undefined) return () => undefined;
    const letGo = () => {
      this.#held.delete(workerId);
      granted();
    };
    this.#held.set(workerId, letGo);
    return letGo;
  }

  /** Whether locks can be had here. */
  async areThere(): Promise<boolean> {
    let isTaken = false; // By another tab that asks the same.
    const asked = this.#request('health', { ifAvailable: true }, () => {
      isTaken = true;
    });
    const release = await this.#inTime(asked);
    release?.();
    return isTaken || release !== undefined;
  }

  /** Tries each lock: those that could be had belong to workers that are gone, and stay held until `release`. */
  async probe(
    workerIds: readonly string[],
  ): Promise<{ gone: string[]; alive: string[]; release: () => void }> {
    const gone: string[] = [];
    const alive: string[] = [];
    const releases: (() => void)[] = [];
    for (const workerId of workerIds) {
      if (this.isHeld(workerId)) continue;
      let taken = false;
      const release = await this.#inTime(
        this.#request(workerId, { mode: 'shared', ifAvailable: true }, () => {
          taken = true;
        }),
      );
      if (release === undefined) {
        if (taken) alive.push(workerId);
        continue;
      }
      gone.push(workerId);
      releases.push(release);
    }
    return { gone, alive, release: () => releases.forEach((end) => void end()) };
  }

  /** Whether a lock is free is answered at once. A browser that does not answer keeps nobody from taking back what a lease no longer holds. */
  #inTime(requested: Promise<(() => void) | undefined>): Promise<(() => void) | undefined> {
    return inTime(this.#setTimer, requested, (release) => release?.());
  }

  /** Calls `onGone` once when the worker's lock is free. */
  watch(workerId: string, onGone: () => void): void {
    if (this.#watched.has(workerId) || this.isHeld(workerId)) return;
    this.#watched.add(workerId);
    const wanted: LockOptions = { mode: 'shared', signal: this.#end.signal };
    void this.#request(workerId, wanted, () => undefined).then((release) => {
      this.#watched.delete(workerId);
      if (release === undefined) return;
      release();
      onGone();
    });
  }

  close(): void {
    this.#end.abort();
    for (const letGo of [...this.#held.values()]) letGo();
  }

  /** Resolves once the lock is held, with what releases it; with undefined where it is not to be had. */
  #request(workerId: string, options: LockOptions, onRefused: () => void): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      const lock = async (given: Lock | null) => {
        if (given !== null) return new Promise<void>((release) => resolve(release));
        onRefused();
        resolve(undefined);
      };
      requestLock(`holdfast ${this.#database} ${workerId}`, options, lock).catch(() => resolve(undefined));
    });
  }
}

/** Rejects where there are no locks, or where looking for them throws. */
async function requestLock(name: string, options: LockOptions, lock: (given: Lock | null) => Promise<void>) {
  const { locks } = globalThis.navigator;
  await locks.request(name, options, lock);
}
