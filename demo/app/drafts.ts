const PREFIX = 'kelp:draft:';

/** Text that was typed in the moment before its page went away. */
export interface Draft {
  readonly id: string;
  readonly text: string;
  readonly at: number;
}

/** Keeps them in localStorage: a page that is going away can still write there, but not in a database. */
export function keepDrafts(texts: ReadonlyMap<string, string>): void {
  for (const [id, text] of texts) localStorage.setItem(PREFIX + id, JSON.stringify({ text, at: Date.now() }));
}

/** Hands over what was kept, here or in another tab; each is forgotten once it is saved. */
export async function takeDrafts(save: (draft: Draft) => Promise<unknown>): Promise<void> {
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
    const kept = localStorage.getItem(key);
    if (kept === null) continue;
    await save({ id: key.slice(PREFIX.length), ...(JSON.parse(kept) as Pick<Draft, 'text' | 'at'>) });
    localStorage.removeItem(key);
  }
}

/** Calls back when another tab went away and left drafts. */
export function onDrafts(listener: () => void): void {
  window.addEventListener('storage', ({ key, newValue }) => {
    if (newValue !== null && key?.startsWith(PREFIX) === true) listener();
  });
}
