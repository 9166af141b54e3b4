import { requestPersistence } from 'holdfast/indexeddb';
import { byId, setHidden } from '../element.ts';
import { type Model, unsent } from '../model.ts';

/** Chromium's; the types of the DOM do not have it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** The button that installs the app, where the browser offers that and it is not installed. */
export function createInstallButton(): void {
  const button = byId('install', HTMLButtonElement);
  let prompt: InstallPrompt | undefined;
  const offer = (next: InstallPrompt | undefined): void => {
    prompt = next;
    setHidden(button, next === undefined, byId('sync-toggle', HTMLButtonElement));
  };
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    offer(event as InstallPrompt);
  });
  addEventListener('appinstalled', () => {
    offer(undefined);
    void requestPersistence(); // Browsers are more willing now.
  });
  button.addEventListener('click', () => {
    void prompt?.prompt();
    offer(undefined); // It can be asked once; the browser offers it anew when it may be asked again.
  });
}

/** Says that a newer version is ready; returns what shows that. `save` runs before the page is left for it. */
export function createUpdateNotice(save: () => Promise<void>): (takeOver: () => void) => void {
  const notice = byId('update', HTMLDivElement);
  const button = byId('update-now', HTMLButtonElement);
  let go = (): void => {};
  button.addEventListener('click', () => {
    button.textContent = 'One moment…';
    void save().then(() => go());
  });
  return (takeOver) => {
    go = takeOver;
    setHidden(notice, false);
  };
}

/** The icon of the installed app bears how many changes wait, where the system shows that. */
export function createAppBadge(): (model: Model) => void {
  let shown = 0;
  return (model) => {
    const count = unsent(model);
    if (count === shown) return;
    shown = count;
    void navigator.setAppBadge?.(count).catch(() => {});
  };
}
