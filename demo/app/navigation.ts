import type { Model, ModelStore } from './model.ts';

/** Where the user is, kept in the address so that a reload and the Back button know it. */
export interface Navigation {
  /** Shows the list; the chosen note stays chosen, for screens that show both. */
  toList(): void;
  toNote(id: string): void;
  /** Another note is chosen, or none, without a step for the Back button. */
  browse(id: string | undefined): void;
  /** Shows the queue, or hides it. */
  toggleSync(): void;
  isSyncShown(): boolean;
  /** Hides the queue where it lies over the notes. */
  closeSync(): void;
}

/** Shows one thing at a time; the style sheet has the same. */
const NARROW = matchMedia('(max-width: 44rem)');
/** From this width on the queue has a column of its own; the style sheet has the same. */
const WIDE = matchMedia('(min-width: 75rem)');

/** `choose` makes a note the chosen one. Starts where the address says; where there is room for it, with the latest note. */
export function createNavigation(model: ModelStore, choose: (id: string | undefined) => void): Navigation {
  const show = (
    place: Model['place'],
    hash: string,
    how: 'pushState' | 'replaceState' = 'pushState',
  ): void => {
    if (location.hash !== hash) history[how](null, '', hash === '' ? location.pathname : hash);
    model.set({ place });
    model.paint();
  };
  const toList = (): void => show('list', '');
  const toNote = (id: string): void => {
    if (model.get().chosen !== id) choose(id);
    show('note', `#note/${id}`);
  };
  const leaveSync = (): void => {
    const { chosen } = model.get();
    if (chosen === undefined) toList();
    else toNote(chosen);
  };
  const readAddress = (): void => {
    const [kind, id] = location.hash.slice(1).split('/');
    if (kind === 'note' && id !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(id)) toNote(id);
    else if (kind === 'new')
      toNote(crypto.randomUUID()); // From the icon of the installed app.
    else model.set({ place: kind === 'sync' ? 'sync' : 'list' });
  };
  addEventListener('popstate', readAddress);
  readAddress();
  if (model.get().chosen === undefined && !NARROW.matches) choose(model.get().notes?.[0]?.id);
  return {
    toList,
    toNote,
    browse(id) {
      choose(id);
      if (model.get().place !== 'note') return;
      if (id === undefined || NARROW.matches) show('list', '', 'replaceState');
      else show('note', `#note/${id}`, 'replaceState');
    },
    toggleSync() {
      if (WIDE.matches) {
        document.body.toggleAttribute('data-sync-hidden');
        model.set({});
      } else if (model.get().place === 'sync') leaveSync();
      else show('sync', '#sync');
    },
    isSyncShown: () =>
      WIDE.matches ? !document.body.hasAttribute('data-sync-hidden') : model.get().place === 'sync',
    closeSync: () => {
      if (model.get().place === 'sync') leaveSync();
    },
  };
}
