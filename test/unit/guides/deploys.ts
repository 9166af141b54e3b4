import { createQueue, defineJobs, job, type QueueOptions, schema } from 'holdfast';

interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Notes had no title until version 2. */
export const jobs = defineJobs({
  'note.push': job<Note>({
    version: 2,
    upcast: { 1: ({ id, text }: Omit<Note, 'title'>) => ({ id, text, title: text.slice(0, 40) }) },
  }),
});

export function openNotes(where: Pick<QueueOptions, 'store' | 'environment'>, showReload: () => void) {
  const queue = createQueue({ name: 'sync', jobs, use: [schema()], ...where });
  // Another tab runs a newer version of the app, which has upgraded the database.
  queue.on('store:outdated', showReload);
  return queue;
}
