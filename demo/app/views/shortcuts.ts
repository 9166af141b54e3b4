import { byId } from '../element.ts';

/** Runs the action of a key, unless somebody is typing or the key belongs to the browser. */
export function listenToShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const dialog = byId('shortcuts', HTMLDialogElement);
  const help = (): void => dialog.showModal();
  byId('help', HTMLButtonElement).addEventListener('click', help);
  // A click beside the list: the dialog's own box is all padding-free content.
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  const known = new Map(Object.entries({ ...actions, '?': help }));
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (isTyping(event.target)) return;
    const run = known.get(event.key);
    if (run === undefined) return;
    event.preventDefault();
    run();
  });
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'radio');
