import { watch } from 'holdfast';
import { syncAfterEnqueue } from 'holdfast/service-worker';
import type { Actions } from './actions.ts';
import { keepDrafts, onDrafts } from './drafts.ts';
import type { PageQueue } from './host.ts';
import type { ModelStore } from './model.ts';

export interface Watched {
  readonly model: ModelStore;
  readonly queue: PageQueue;
  readonly actions: Actions;
}

/** A countdown in seconds needs no more. */
const TICK_MS = 500;
const IDLE_TICK_MS = 15_000;

/** Keeps what the page shows true: after changes here and in other tabs, and as time goes by. */
export function keepFresh({ model, queue, actions }: Watched): void {
  // Notes too: a note never changes without the queue.
  watch(queue).subscribe(() => {
    void actions.refresh();
    actions.refreshServer();
  });
  // What is saved wakes the service worker when there is a network, also after this tab is gone.
  syncAfterEnqueue(queue);
  for (const event of ['online', 'offline'])
    addEventListener(event, () => model.set({ browserOnline: navigator.onLine }));
  addEventListener('blur', () => void actions.autosave.flush());
  addEventListener('pagehide', () => {
    keepDrafts(actions.autosave.unsaved());
    void actions.autosave.flush();
  });
  onDrafts(actions.takeDrafts);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void actions.autosave.flush();
    else void actions.refresh();
  });
  actions.takeDrafts();
  actions.refreshServer();
  tick(model, actions);
}

function tick(model: ModelStore, actions: Actions): void {
  const { jobs } = model.get().queue;
  const now = Date.now();
  const due = jobs.some(({ phase, runAt }) => phase === 'retrying' && runAt <= now);
  if (due) void actions.refresh();
  else model.set({});
  const lively = jobs.some(({ phase }) => phase === 'retrying' || phase === 'running');
  setTimeout(() => tick(model, actions), lively ? TICK_MS : IDLE_TICK_MS);
}
