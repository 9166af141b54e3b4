/** A lock that is held for as long as this context lives. */
export interface Held {
  readonly name: string;
  readonly letGo: () => void;
}

/** Resolves once it is held; with undefined where there are no locks, or they are denied. */
export function holdLock(name: string): Promise<Held | undefined> {
  return new Promise((resolve) => {
    const held = () => new Promise<void>((letGo) => resolve({ name, letGo }));
    request(name, {}, held).catch(() => resolve(undefined));
  });
}

/** Calls back once when nobody holds it any longer: its holder let go, or its context is gone. Returns what ends the watch. */
export function watchLock(name: string, onFree: () => void): () => void {
  const end = new AbortController();
  // A share: whoever else watches is called, too.
  request(name, { mode: 'shared', signal: end.signal }, async () => onFree()).catch(() => undefined);
  return () => end.abort();
}

/** Rejects where there are no locks. */
async function request(name: string, options: LockOptions, lock: () => Promise<void>): Promise<void> {
  await globalThis.navigator.locks.request(name, options, lock);
}
