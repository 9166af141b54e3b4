import type { Autosave } from '../autosave.ts';
import { ago, badges } from '../badge.ts';
import { byId, setHidden, setText } from '../element.ts';
import type { Model } from '../model.ts';
import { joinText, MAX_TEXT, splitText } from '../note.ts';
import { paintBadge } from './note-list.ts';

export interface EditorActions {
  /** Leaves the note for the list. */
  leave(): Promise<void>;
  remove(id: string): void;
  sendAgain(id: string): void;
}

/** The chosen note: its title and its text in two fields that behave as one. */
export function createEditor(
  autosave: Autosave,
  actions: EditorActions,
): { paint(model: Model): void; write(place: 'title' | 'body'): void } {
  const form = byId('editor', HTMLFormElement);
  const title = byId('title', HTMLTextAreaElement);
  const body = byId('body', HTMLTextAreaElement);
  let shown: { id: string; text: string } | undefined;

  const typed = (): void => {
    if (shown === undefined) return;
    joinTitleLines(title, body);
    const text = joinText(title.value, body.value);
    const known = autosave.pending(shown.id) ?? shown.text;
    // An empty new note is nothing yet.
    if (text !== known || text !== '') autosave.edit(shown.id, text);
    limit(title, body);
  };
  title.addEventListener('input', typed);
  body.addEventListener('input', typed);
  title.addEventListener('keydown', (event) => stepDown(event, title, body));
  body.addEventListener('keydown', (event) => stepUp(event, title, body));
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) void actions.leave();
    else if (event.key === 's' && (event.ctrlKey || event.metaKey)) void autosave.flush();
    else return;
    event.preventDefault();
  });
  form.addEventListener('focusout', ({ relatedTarget }) => {
    // From the title to the text is not leaving the note.
    if (!(relatedTarget instanceof Node && form.contains(relatedTarget))) void autosave.flush();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  byId('back', HTMLButtonElement).addEventListener('click', () => void actions.leave());
  byId('delete-note', HTMLButtonElement).addEventListener('click', () => shown && actions.remove(shown.id));
  byId('send-again', HTMLButtonElement).addEventListener('click', () => shown && actions.sendAgain(shown.id));

  const paint = (model: Model): void => {
    const { chosen } = model;
    setHidden(form, chosen === undefined);
    if (chosen !== undefined) shown = showText(model, chosen, autosave, shown, title, body);
    else shown = undefined;
    paintBar(model);
  };
  return { paint, write: (place) => focusEnd(place === 'title' ? title : body) };
}

/** Shows the text of the chosen note, unless what is typed here is newer than what is saved. */
function showText(
  model: Model,
  id: string,
  autosave: Autosave,
  shown: { id: string; text: string } | undefined,
  title: HTMLTextAreaElement,
  body: HTMLTextAreaElement,
): { id: string; text: string } {
  const saved = model.notes?.find((note) => note.id === id)?.text ?? '';
  const text = autosave.pending(id) ?? saved;
  if (shown?.id === id && (joinText(title.value, body.value) === text || shown.text === text))
    return { id, text };
  const parts = splitText(text);
  setValue(title, parts.title);
  setValue(body, parts.body);
  if (shown?.id !== id) body.scrollTop = 0;
  limit(title, body);
  return { id, text };
}

function paintBar(model: Model): void {
  const note = model.notes?.find(({ id }) => id === model.chosen);
  const badge = byId('note-badge', HTMLSpanElement);
  setHidden(badge, note === undefined);
  setHidden(byId('delete-note', HTMLButtonElement), note === undefined);
  const stands = note && badges(model)(note);
  if (stands !== undefined) paintBadge(badge, stands);
  setHidden(
    byId('send-again', HTMLButtonElement),
    stands?.kind !== 'unsent',
    byId('body', HTMLTextAreaElement),
  );
  setText(
    byId('note-saved', HTMLSpanElement),
    note ? `Edited ${ago(note.updatedAt, model.now)}` : 'A new note',
  );
}

/** A caret in the middle stays where it was. */
function setValue(field: HTMLTextAreaElement, value: string): void {
  if (field.value === value) return;
  const { selectionStart, selectionEnd } = field;
  field.value = value;
  if (document.activeElement === field) field.setSelectionRange(selectionStart, selectionEnd);
}

/** The two fields share the room that a note has. */
function limit(title: HTMLTextAreaElement, body: HTMLTextAreaElement): void {
  title.maxLength = Math.max(0, MAX_TEXT - body.value.length - 1);
  body.maxLength = Math.max(0, MAX_TEXT - title.value.length - 1);
}

/** Lines that were pasted into the title go to the text. */
function joinTitleLines(title: HTMLTextAreaElement, body: HTMLTextAreaElement): void {
  if (!title.value.includes('\n')) return;
  const parts = splitText(title.value);
  title.value = parts.title;
  body.value = body.value === '' ? parts.body : `${parts.body}\n${body.value}`;
  body.focus();
  body.setSelectionRange(parts.body.length, parts.body.length);
}

function stepDown(event: KeyboardEvent, title: HTMLTextAreaElement, body: HTMLTextAreaElement): void {
  if (event.isComposing || event.shiftKey) return;
  const atEnd = title.selectionStart === title.value.length;
  if (event.key !== 'Enter' && !(event.key === 'ArrowDown' && atEnd)) return;
  event.preventDefault();
  if (event.key === 'Enter' && !atEnd) {
    const rest = title.value.slice(title.selectionEnd);
    title.value = title.value.slice(0, title.selectionStart);
    body.value = body.value === '' ? rest : `${rest}\n${body.value}`;
    body.dispatchEvent(new Event('input'));
  }
  body.focus();
  body.setSelectionRange(0, 0);
}

function stepUp(event: KeyboardEvent, title: HTMLTextAreaElement, body: HTMLTextAreaElement): void {
  const atStart = body.selectionStart === 0 && body.selectionEnd === 0;
  if (!atStart || (event.key !== 'ArrowUp' && event.key !== 'Backspace')) return;
  event.preventDefault();
  focusEnd(title);
}

function focusEnd(field: HTMLTextAreaElement): void {
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
