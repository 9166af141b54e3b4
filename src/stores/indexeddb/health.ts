import type { StoreHealth } from '../../core/kernel/store.ts';
import type { SetTimer } from '../../core/timer.ts';
import { inTime } from './in-time.ts';

/** What the store uses. */
const APIS = [
  'indexedDB',
  'navigator.locks',
  'BroadcastChannel',
  'navigator.storage.estimate',
  'navigator.storage.persisted',
  'navigator.storage.persist',
];

/** Room of the origin, in bytes, as far as the browser says. */
export type Room = Pick<StoreHealth, 'usage' | 'quota'>;

export async function roomOf(setTimer: SetTimer): Promise<Room> {
  const { usage, quota } = (await inTime(setTimer, storage('estimate'))) ?? {};
  return { usage, quota };
}

/** What the platform says, whatever database is open. Never rejects. */
export async function platformHealth(setTimer: SetTimer): Promise<StoreHealth> {
  const missing = APIS.filter((name) => !isThere(name));
  const [room, persisted] = await Promise.all([roomOf(setTimer), inTime(setTimer, storage('persisted'))]);
  return {
    ...room,
    persisted,
    canPersist: persisted !== true && !missing.includes('navigator.storage.persist'),
    channel: canOpenChannel(),
    missing,
  };
}

/** Rejects where there is no such method. */
async function storage<Name extends 'estimate' | 'persisted' | 'persist'>(
  name: Name,
): Promise<Awaited<ReturnType<StorageManager[Name]>>> {
  return (await globalThis.navigator.storage[name]()) as never;
}

function isThere(path: string): boolean {
  try {
    const found = path.split('.').reduce<unknown>((at, name) => Object(at)[name], globalThis);
    return found !== undefined && found !== null;
  } catch {
    return false; // It may not be looked at.
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
export function requestPersistence(): Promise<boolean | undefined> {
  return storage('persist').catch(() => undefined);
}
