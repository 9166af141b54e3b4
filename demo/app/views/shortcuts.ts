import { byId } from '../element.ts';

const KEY = 'kelp:shortcuts';

/**
 * Runs the action of a key, unless somebody is typing or the key belongs to the browser. Keys of one character can be turned off, for
 * those who speak or whose fingers slip (WCAG 2.1.4); this device remembers it.
 */
export function listenToShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const dialog = byId('shortcuts', HTMLDialogElement);
  const help = (): void => dialog.showModal();
  byId('help', HTMLButtonElement).addEventListener('click', help);
  // A click beside the list: the dialog's own box is all padding-free content.
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  const characters = createCharacterSwitch();
  const known = new Map(Object.entries({ ...actions, '?': help }));
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (isTyping(event.target) || (event.key.length === 1 && !characters())) return;
    const run = known.get(event.key);
    if (run === undefined) return;
    event.preventDefault();
    run();
  });
}

/** Whether keys of one character do anything. The page says of each what it does by `data-key`, as long as they do. */
function createCharacterSwitch(): () => boolean {
  const box = byId('single-keys', HTMLInputElement);
  const hinted = [...document.querySelectorAll<HTMLElement>('[data-key]')];
  const paint = (): void => {
    box.checked = localStorage.getItem(KEY) !== 'off';
    document.documentElement.toggleAttribute('data-keys-off', !box.checked);
    for (const element of hinted)
      element.ariaKeyShortcuts = box.checked ? (element.dataset.key ?? null) : null;
  };
  box.addEventListener('change', () => {
    if (box.checked) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'off');
    paint();
  });
  window.addEventListener('storage', ({ key }) => key === KEY && paint());
  paint();
  return () => box.checked;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && !['radio', 'checkbox'].includes(target.type));
