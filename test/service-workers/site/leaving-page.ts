import { createQueue, defineJobs, job, list } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

/** What is saved in the moment in which the page goes. */
const options = {
  plain: () => ({}),
  id: (name: string) => ({ id: name }),
  lane: () => ({ lane: 'one' }),
  key: (name: string) => ({ idempotencyKey: name }),
};

const MOMENTS = { pagehide: window, visibilitychange: document, beforeunload: window };

const queue = createQueue({
  name: 'leaving',
  jobs: defineJobs({ save: job<string>() }),
  store: indexedDBStore('leaving'),
});

/** What a page can do without a queue: one request, sent at once. */
const raw = await new Promise<IDBDatabase>((resolve, reject) => {
  const opening = indexedDB.open('raw', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('saved');
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

function put(name: string): void {
  const transaction = raw.transaction('saved', 'readwrite', { durability: 'strict' });
  transaction.objectStore('saved').put(name, name);
  transaction.commit();
}

type How = keyof typeof options | 'byHand';

/** Saves in that moment, in each of these ways, and goes. */
async function leave(hows: readonly How[], when: keyof typeof MOMENTS | 'click', end: string) {
  await list(queue, { state: 'pending', limit: 1 }); // It is open, as in a page that somebody has used.
  const save = () => {
    for (const how of hows) {
      const name = `${how}-${end}`;
      if (how === 'byHand') put(name);
      else queue.enqueue('save', name, options[how](name)).catch(() => undefined);
    }
  };
  if (when !== 'click') MOMENTS[when].addEventListener(when, save);
  setTimeout(() => {
    if (when === 'click') save();
    location.href = `/?${end}`;
  });
}

async function saved(): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await list(queue, { state: 'pending', ...(cursor !== undefined && { cursor }) });
    names.push(...page.jobs.map(({ payload }) => payload as string));
    cursor = page.cursor;
  }
  const keys = await new Promise<IDBValidKey[]>((resolve) => {
    const request = raw.transaction('saved').objectStore('saved').getAllKeys();
    request.onsuccess = () => resolve(request.result);
  });
  return [...names, ...keys.map(String)];
}

Object.assign(window, { leave, saved });
document.documentElement.dataset.ready = '';
