import { defineJobs, exponential, gates, job } from 'holdfast';
import { online } from 'holdfast/browser';

/** One saved edit of a note, with its whole text. */
export interface NotePush {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
  readonly updatedAt: number;
}

/** A note that was deleted; its title is for showing the job. */
export interface NoteDrop {
  readonly id: string;
  readonly title: string;
}

export const QUEUE_NAME = 'sync';
export const MAX_ATTEMPTS = 8;

/**
 * What page, worker and service worker know of the jobs. Each saved edit is a job of its own, in the lane of its note: the server gets
 * them one after the other and in order, while other notes go on beside. Typing is gathered by the autosave, before it becomes an edit; an
 * app that only ever needs the last text would give its jobs `idempotencyKey: id, onDuplicate: 'replace'` instead.
 */
export function defineNoteJobs() {
  const options = {
    maxAttempts: MAX_ATTEMPTS,
    backoff: exponential({ initialMs: 1_000, factor: 2, maxMs: 300_000 }),
    timeoutMs: 30_000,
    concurrency: 2,
    target: 'the notes server', // both names call it: while it is down neither is tried, but for one job that asks
  };
  return defineJobs({ 'note.push': job<NotePush>(options), 'note.delete': job<NoteDrop>(options) });
}

/** However long the server was away, somebody asks for it this often: whoever writes notes waits no longer when it is back. */
const PROBE_MAX_MS = 15_000;

/** Of the queue itself: for whoever has a store for it. */
export function queueOptions() {
  const gate = online();
  const use = [gates({ 'note.push': gate, 'note.delete': gate })];
  return { name: QUEUE_NAME, jobs: defineNoteJobs(), use, probeMaxMs: PROBE_MAX_MS };
}

export type NoteJobs = ReturnType<typeof defineNoteJobs>;
