import type { NoteQueue } from './note-queue.ts';

/** A text area and a button that saves what is in it. */
export function saveButton(queue: NoteQueue, id: string): HTMLElement {
  const form = document.createElement('form');
  form.innerHTML = '<textarea></textarea><button type="button">Save</button><output></output>';
  const [text, button, output] = [...form.children] as [HTMLTextAreaElement, HTMLElement, HTMLElement];
  button.addEventListener('click', async () => {
    await queue.enqueue('note.push', { id, text: text.value }, { lane: id });
    output.textContent = 'Saved';
  });
  return form;
}
