import type { StoreHealth } from '../../core/kernel/store.ts';
import type { SetTimer } from '../../core/timer.ts';

/** A platform that does not answer is one that has nothing to say. */
const ANSWER_MS = 3_000;

/** What the store uses, as `StoreHealth.missing` names it. */
const APIS: Readonly<Record<string, () => unknown>> = {
  indexedDB: () => globalThis.indexedDB,
  'navigator.locks': () => globalThis.navigator.locks.request,
  BroadcastChannel: () => globalThis.BroadcastChannel,
  'navigator.storage.estimate': () => globalThis.navigator.storage.estimate,
  'navigator.storage.persisted': () => globalThis.navigator.storage.persisted,
  'navigator.storage.persist': () => globalThis.navigator.storage.persist,
};

/** Undefined: it was refused, or did not come in time. */
export function inTime<T>(setTimer: SetTimer, asked: () => Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = setTimer(() => resolve(undefined), ANSWER_MS);
    const end = (answer?: T) => {
      cancel();
      resolve(answer);
    };
    // An async function turns what it throws into a rejection.
    (async () => asked())().then(end, () => end());
  });
}

/** Room of the origin, in bytes, as far as the browser says. */
export type Room = Pick<StoreHealth, 'usage' | 'quota'>;

export async function roomOf(setTimer: SetTimer): Promise<Room> {
  const { usage, quota } = (await inTime(setTimer, () => globalThis.navigator.storage.estimate())) ?? {};
  return { usage, quota };
}

/** What the platform says, whatever database is open. Never rejects. */
export async function platformHealth(setTimer: SetTimer): Promise<StoreHealth> {
  const missing = Object.keys(APIS).filter((name) => !isThere(APIS[name] as () => unknown));
  const [room, persisted] = await Promise.all([
    roomOf(setTimer),
    inTime(setTimer, () => globalThis.navigator.storage.persisted()),
  ]);
  return {
    ...room,
    persisted,
    canPersist: persisted !== true && !missing.includes('navigator.storage.persist'),
    channel: canOpenChannel(),
    missing,
  };
}

function isThere(look: () => unknown): boolean {
  try {
    return look() !== undefined;
  } catch {
    return false;
  }
}

function canOpenChannel(): boolean {
  try {
    new BroadcastChannel('holdfast').close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks the browser not to evict what this origin has stored: jobs, and all else. Firefox asks its user, so call it in a click, where it is
 * clear what for; the promise resolves when the user has decided. Chromium and Safari decide by themselves, by how much the site is used and
 * whether it is installed. Asking again is harmless. Eviction takes whole origins, and Safari's after seven days without a visit: see
 * docs/browsers.md.
 *
 * @returns whether it was granted; undefined where the browser cannot be asked: in workers, in WebKitGTK, outside of HTTPS. It never rejects.
 *
 * @example
 * saveButton.onclick = async () => {
 *   if ((await requestPersistence()) === false) showHint('Install the app to keep unsent changes safe.');
 * };
 */
export async function requestPersistence(): Promise<boolean | undefined> {
  try {
    return await globalThis.navigator.storage.persist();
  } catch {
    return undefined;
  }
}
