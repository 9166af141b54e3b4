import { byId, setHidden, setText } from '../element.ts';
import type { Model } from '../model.ts';
import { matches } from '../note.ts';

/** What stands where no note is: what to do, and on a device without notes the way to those on the server. */
export function createEmptyNote(bring: () => void): (model: Model) => void {
  const pane = byId('note-empty', HTMLDivElement);
  const list = byId('list-empty', HTMLDivElement);
  const button = byId('bring-notes', HTMLButtonElement);
  const create = byId('new-note', HTMLButtonElement);
  button.addEventListener('click', bring);
  return (model) => {
    const { chosen, notes, search, server } = model;
    setHidden(pane, chosen !== undefined);
    setHidden(list, notes === undefined || notes.some((note) => matches(note, search)), create);
    setText(byId('list-empty-words', HTMLParagraphElement), listWords(model));
    const held = notes?.length === 0 ? (server?.noteCount ?? 0) : 0;
    setHidden(button, held === 0, create);
    setText(
      button,
      held === 1 ? 'Bring the note from the server' : `Bring the ${held} notes from the server`,
    );
  };
}

function listWords({ notes, search, server }: Model): string {
  if (notes !== undefined && notes.length > 0) return `Nothing has “${search}” in it.`;
  const first =
    'No notes on this device yet. Press “New note” and write: it is kept here as you type, with a network or without.';
  return server === undefined
    ? `${first} Notes from the server can be brought here once it can be reached.`
    : first;
}
