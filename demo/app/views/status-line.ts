import { byId, setHidden, setText } from '../element.ts';
import type { Model, Status } from '../model.ts';

const SHOWN_MS = 7_000;

/** One line that says what happened, aloud for screen readers, and goes after a while. `clear` takes it away. */
export function createStatusLine(clear: () => void): (model: Model) => void {
  const line = byId('status', HTMLDivElement);
  const words = byId('status-words', HTMLSpanElement);
  const button = byId('status-action', HTMLButtonElement);
  let shown: Status = { words: '' };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    if (shown.words !== '') timer = setTimeout(clear, SHOWN_MS);
  };
  button.addEventListener('click', () => {
    shown.action?.run();
    clear();
  });
  // Whoever is about to press the button gets the time for it.
  line.addEventListener('pointerenter', () => clearTimeout(timer));
  line.addEventListener('focusin', () => clearTimeout(timer));
  line.addEventListener('pointerleave', wait);
  line.addEventListener('focusout', wait);

  return ({ status }) => {
    if (status === shown) return;
    shown = status;
    setText(words, status.words);
    setText(button, status.action?.label ?? '');
    setHidden(button, status.action === undefined);
    line.toggleAttribute('data-shown', status.words !== '');
    wait();
  };
}
