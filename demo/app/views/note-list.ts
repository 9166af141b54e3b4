import { ago, type Badge, badges } from '../badge.ts';
import { byId, make, setText, syncChildren } from '../element.ts';
import type { Model } from '../model.ts';
import { excerptOf, matches, type Note, shownTitle } from '../note.ts';

export interface NoteListActions {
  choose(id: string): void;
  write(id: string): void;
  remove(id: string): void;
  search(words: string): void;
  create(): void;
}

export interface NoteList {
  paint(model: Model): void;
  /** Gives the focus to the chosen row, or the first; without rows, to the button that makes one. */
  focus(): void;
  search(): void;
  /** Whom the choice goes to when this note goes away. */
  after(id: string): string | undefined;
}

/** The list of notes and the search above it. */
export function createNoteList(actions: NoteListActions): NoteList {
  const list = byId('note-list', HTMLDivElement);
  const search = byId('search', HTMLInputElement);
  const create = byId('new-note', HTMLButtonElement);
  const rows = (): HTMLElement[] => [...list.children] as HTMLElement[];
  const focus = (row = rows().find(({ tabIndex }) => tabIndex === 0)): void => (row ?? create).focus();

  const leaveSearch = (): void => {
    if (search.value === '') focus();
    search.value = '';
    actions.search('');
  };

  create.addEventListener('click', actions.create);
  search.addEventListener('input', () => actions.search(search.value));
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') focus(rows()[0]);
    else if (event.key === 'Escape') leaveSearch();
    else return;
    event.preventDefault();
  });
  list.addEventListener('click', ({ target }) => {
    const id = keyOf(target);
    if (id !== undefined) actions.write(id);
  });
  list.addEventListener('keydown', (event) => {
    const id = keyOf(event.target);
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(rows(), id, event.key);
    if (next !== undefined) {
      focus(next);
      actions.choose(next.dataset.key ?? '');
    } else if (event.key === 'Enter') actions.write(id);
    else if (event.key === 'Delete') actions.remove(id);
    else return;
    event.preventDefault();
  });

  const paint = (model: Model): void => {
    const notes = (model.notes ?? []).filter((note) => matches(note, model.search));
    const badgeOf = badges(model);
    const chosen = notes.find(({ id }) => id === model.chosen) ?? notes[0];
    syncChildren(
      list,
      notes,
      ({ id }) => id,
      createRow,
      (row, note) => updateRow(row, note, badgeOf(note), model, note === chosen),
    );
  };
  return {
    paint,
    focus: () => focus(),
    search: () => search.focus(),
    after(id) {
      const all = rows().map(({ dataset }) => dataset.key);
      const at = all.indexOf(id);
      return all[at + 1] ?? all[at - 1];
    },
  };
}

const keyOf = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[role=option]')?.dataset.key : undefined;

function neighbour(rows: readonly HTMLElement[], id: string, key: string): HTMLElement | undefined {
  const at = rows.findIndex(({ dataset }) => dataset.key === id);
  if (key === 'ArrowDown') return rows[Math.min(rows.length - 1, at + 1)];
  if (key === 'ArrowUp') return rows[Math.max(0, at - 1)];
  if (key === 'Home') return rows[0];
  return key === 'End' ? rows.at(-1) : undefined;
}

function createRow(): HTMLDivElement {
  const row = make(
    'div',
    'note-row',
    make('span', 'note-row-title'),
    make('span', 'note-row-excerpt'),
    make('span', 'note-row-foot', make('span', 'badge'), make('time')),
  );
  row.setAttribute('role', 'option');
  return row;
}

function updateRow(row: HTMLDivElement, note: Note, badge: Badge, model: Model, tabStop: boolean): void {
  const [title, excerpt, foot] = row.children;
  const [mark, time] = foot?.children ?? [];
  if (!title || !excerpt || !mark || !time) return;
  setText(title, shownTitle(note.text));
  setText(excerpt, excerptOf(note.text) || 'No more text');
  setText(time, ago(note.updatedAt, model.now));
  paintBadge(mark, badge);
  row.tabIndex = tabStop ? 0 : -1;
  const chosen = String(note.id === model.chosen);
  if (row.ariaSelected !== chosen) row.ariaSelected = chosen;
}

/** A badge says its state in words; the colour only helps. */
export function paintBadge(element: Element, { kind, words }: Badge): void {
  setText(element, words);
  element.setAttribute('data-kind', kind);
}
