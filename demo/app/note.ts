/** A note as this device keeps it. */
export interface Note {
  readonly id: string;
  /** The first line is the title. */
  readonly text: string;
  /** Grows with every saved edit, 1-based. */
  readonly revision: number;
  /** The last revision that the server has; 0: none. */
  readonly syncedRevision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What the server takes as well: see demo/server/request.ts. */
export const MAX_TEXT = 64 * 1_024;

export const isSynced = (note: Note): boolean => note.syncedRevision >= note.revision;

export function splitText(text: string): { title: string; body: string } {
  const end = text.indexOf('\n');
  return end < 0 ? { title: text, body: '' } : { title: text.slice(0, end), body: text.slice(end + 1) };
}

export const joinText = (title: string, body: string): string => (body === '' ? title : `${title}\n${body}`);

/** The title as lists show it: the first line that says something. */
export function shownTitle(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '');
  return line?.trim().slice(0, 120) ?? 'Untitled';
}

/** What follows the title, on one line. */
export function excerptOf(text: string): string {
  const said = text.split('\n').filter((line) => line.trim() !== '');
  return said.slice(1).join(' ').slice(0, 160);
}

/** Every word of the search is somewhere in the text. */
export function matches(note: Note, search: string): boolean {
  const text = note.text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
