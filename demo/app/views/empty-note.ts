import { byId, setHidden, setText } from '../element.ts';
import type { Model } from '../model.ts';

/** What stands where no note is chosen: on a device without notes, also the way to those on the server. */
export function createEmptyNote(bring: () => void): (model: Model) => void {
  const empty = byId('note-empty', HTMLDivElement);
  const button = byId('bring-notes', HTMLButtonElement);
  button.addEventListener('click', bring);
  return ({ chosen, notes, server }) => {
    setHidden(empty, chosen !== undefined);
    const count = notes?.length === 0 ? (server?.noteCount ?? 0) : 0;
    setHidden(button, count === 0);
    setText(
      button,
      count === 1 ? 'Bring the note from the server' : `Bring the ${count} notes from the server`,
    );
  };
}
