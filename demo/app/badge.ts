import { isOnline, type Model } from './model.ts';
import { isSynced, type Note } from './note.ts';

/** Where a note stands between this device and the server. */
export interface Badge {
  readonly kind: 'synced' | 'saved' | 'syncing' | 'retrying' | 'stuck' | 'unsent';
  readonly words: string;
}

/** Badges of notes, told from their jobs and from what the server has confirmed. */
export function badges(model: Model): (note: Note) => Badge {
  const { queue, now } = model;
  // Without a connection nothing is tried, whenever it is due.
  const tries = isOnline(model);
  const byNote = Map.groupBy(queue.jobs, ({ noteId }) => noteId);
  return (note) => {
    const jobs = byNote.get(note.id) ?? [];
    if (jobs.some(({ phase }) => phase === 'running')) return { kind: 'syncing', words: 'Syncing' };
    const retrying = tries && jobs.find(({ phase }) => phase === 'retrying');
    if (retrying) return { kind: 'retrying', words: `Retry ${inTime(retrying.runAt, now)}` };
    if (isSynced(note)) return { kind: 'synced', words: 'Synced' };
    if (jobs.some(({ phase }) => phase === 'waiting' || phase === 'retrying'))
      return { kind: 'saved', words: 'Saved here' };
    if (jobs.some(({ phase }) => phase === 'dead')) return { kind: 'stuck', words: 'Stuck' };
    // A note that was saved while the queue was being read has a job that the reading may have missed.
    const certain = !queue.more && note.updatedAt < queue.at;
    return certain ? { kind: 'unsent', words: 'Not sent' } : { kind: 'saved', words: 'Saved here' };
  };
}

/** "in 4 s", "in 3 min", "now". */
export function inTime(instant: number, now: number): string {
  const seconds = Math.ceil((instant - now) / 1_000);
  if (seconds <= 0) return 'now';
  return seconds < 100 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}

/** "just now", "12 s ago", "5 min ago", or the date. */
export function ago(instant: number, now: number): string {
  const seconds = Math.floor((now - instant) / 1_000);
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  const date = new Date(instant);
  const today = new Date(now).toDateString() === date.toDateString();
  return today
    ? date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}
