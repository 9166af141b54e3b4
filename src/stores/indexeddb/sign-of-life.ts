/**
 * Web Locks as a sign of life: a worker holds a lock of its name for as long as its page lives, and the browser lets go of it
 * when the page is gone. Where the browser has no locks, or denies them, nothing is proven and leases alone decide.
 */
export class SignsOfLife {
  readonly #database: string;
  readonly #held = new Map<string, () => void>();
  readonly #watched = new Set<string>();
  readonly #end = new AbortController();

  constructor(database: string) {
    this.#database = database;
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
      const release = await this.#request(workerId, { ifAvailable: true }, () => {
        taken = true;
      });
      if (release === undefined) {
        if (taken) alive.push(workerId);
        continue;
      }
      gone.push(workerId);
      releases.push(release);
    }
    return { gone, alive, release: () => releases.forEach((end) => void end()) };
  }

  /** Calls `onGone` once when the worker's lock is free. */
  watch(workerId: string, onGone: () => void): void {
    if (this.#watched.has(workerId) || this.isHeld(workerId)) return;
    this.#watched.add(workerId);
    void this.#request(workerId, { signal: this.#end.signal }, () => undefined).then((release) => {
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
    const locks = globalThis.navigator?.locks;
    if (locks === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      locks
        .request(`holdfast ${this.#database} ${workerId}`, options, (lock) => {
          if (lock === null) {
            onRefused();
            resolve(undefined);
            return;
          }
          return new Promise<void>((release) => resolve(release));
        })
        .catch(() => resolve(undefined));
    });
  }
}
