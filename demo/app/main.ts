import { requestSync } from 'holdfast/service-worker';
import { type Actions, createActions } from './actions.ts';
import { startHost } from './host.ts';
import { createModel, type Model } from './model.ts';
import { createNavigation, type Navigation } from './navigation.ts';
import { shownTitle } from './note.ts';
import { plainWords } from './plain-words.ts';
import { createTelling } from './telling.ts';
import { watchUpdates } from './updates.ts';
import { createAppBadge, createInstallButton, createUpdateNotice } from './views/app-chrome.ts';
import { createEditor } from './views/editor.ts';
import { createEmptyNote } from './views/empty-note.ts';
import { createHardships } from './views/hardships.ts';
import { createJobList } from './views/job-list.ts';
import { createNoteList } from './views/note-list.ts';
import { createRecords } from './views/records.ts';
import { listenToShortcuts } from './views/shortcuts.ts';
import { createStatusLine } from './views/status-line.ts';
import { createSyncPanel } from './views/sync-panel.ts';
import { createTheme } from './views/theme.ts';
import { keepFresh } from './watch.ts';

const painters: ((model: Model) => void)[] = [];
const model = createModel({ browserOnline: navigator.onLine }, (now) => {
  for (const paint of painters) paint(now);
});
painters.push(createStatusLine(() => model.set({ status: { words: '' } })));
const toggleTheme = createTheme();
createInstallButton();
painters.push(createAppBadge());

start().catch((error) => model.set({ status: { words: plainWords(error) } }));

async function start(): Promise<void> {
  const telling = createTelling(model);
  const { queue, notebook, killMidJob } = startHost({
    state: (host) => model.set({ host }),
    news: telling.note,
    dead: (title) => telling.say(`“${title}” could not be sent. It waits in the sync queue.`),
    trouble: (error) => telling.say(`Syncing has trouble. ${plainWords(error)}`),
    killed: (titles) => {
      const words = `The worker was killed in the middle of ${titles.map((title) => `“${title}”`).join(', ')}.`;
      telling.note(words);
      telling.say(`${words} A new one takes over.`);
    },
  });
  const actions = createActions({ model, telling, notebook, queue });
  await actions.refresh();
  createViews(actions, killMidJob);
  keepFresh({ model, queue, actions });
  document.documentElement.dataset.ready = '';
  const save = async (): Promise<void> => {
    await actions.autosave.flush();
    await requestSync(queue); // The version that is to end hears of it before it ends: afterwards it would be started again.
  };
  // A browser that forbids it has the app while there is a network.
  void watchUpdates(createUpdateNotice(save)).catch(() => {});
}

function createViews(actions: Actions, killWorker: () => void): void {
  const navigation = createNavigation(model, actions.choose);
  const { list, editor, create } = createNoteViews(actions, navigation);
  painters.push(
    ({ place, notes, chosen }) => {
      document.body.dataset.place = place;
      const note = notes?.find(({ id }) => id === chosen);
      document.title = note ? `${shownTitle(note.text)} · Kelp` : 'Kelp';
    },
    createEmptyNote(actions.bringNotes),
    list.paint,
    editor.paint,
    createSyncPanel(navigation.toggleSync, navigation.isSyncShown, actions.tryNow),
    createJobList(actions),
    createHardships({ setOnline: actions.setOnline, setMood: actions.setMood, killWorker }),
    createRecords(),
  );
  listenToShortcuts({
    n: create,
    '/': list.search,
    q: navigation.toggleSync,
    o: () => actions.setOnline(model.get().queue.switchedOff),
    t: toggleTheme,
    Escape: navigation.closeSync,
  });
}

/** The list and the editor: what is done in one shows in the other. */
function createNoteViews(actions: Actions, navigation: Navigation) {
  const create = (): void => {
    navigation.toNote(crypto.randomUUID());
    editor.write('title');
  };
  const remove = async (id: string): Promise<void> => {
    const next = list.after(id);
    await actions.remove(id, () => {
      navigation.browse(id);
      model.paint();
      list.focus();
    });
    navigation.browse(next);
    model.paint();
    list.focus();
  };
  const list = createNoteList({
    choose: navigation.browse,
    write: (id) => {
      navigation.toNote(id);
      editor.write('body');
    },
    remove: (id) => void remove(id),
    search: (search) => model.set({ search }),
    create,
  });
  const editor = createEditor(actions.autosave, {
    leave: async () => {
      navigation.toList();
      // A note that was only just begun has a row once it is saved.
      await actions.autosave.flush();
      model.paint();
      list.focus();
    },
    remove: (id) => void remove(id),
    sendAgain: actions.sendAgain,
  });
  return { list, editor, create };
}
