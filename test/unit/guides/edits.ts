import { createQueue, defineJobs, job, keys, type QueueOptions } from 'holdfast';

export interface Edit {
  readonly note: string;
  readonly change: string;
}

export const jobs = defineJobs({ 'note.push': job<{ id: string }>(), 'edit.push': job<Edit>() });

export const openEdits = (where: Pick<QueueOptions, 'store' | 'environment'>) =>
  createQueue({ name: 'edits', jobs, use: [keys()], ...where });

type Edits = ReturnType<typeof openEdits>;

/** The last state counts: what waits is one job. */
export const saved = (queue: Edits, id: string) =>
  queue.enqueue('note.push', { id }, { idempotencyKey: id, onDuplicate: 'restart' });

/** The same, once the writer rests: two seconds after the last call, half a minute after the first at the latest. */
export const typed = (queue: Edits, id: string) =>
  queue.enqueue(
    'note.push',
    { id },
    { idempotencyKey: id, onDuplicate: 'debounce', delayMs: 2_000, maxWaitMs: 30_000 },
  );

/** Each change counts, in its order, note by note. */
export const changed = (queue: Edits, edit: Edit) => queue.enqueue('edit.push', edit, { lane: edit.note });
