import {
  createQueue,
  defineJobs,
  job,
  list,
  type QueueOptions,
  redrive,
  retryNow,
  send,
  work,
} from 'holdfast';
import type { Note } from '../notes.ts';

/** Your own storage. */
export interface Notes {
  get(id: string): Promise<Note | undefined>;
  put(note: Note): Promise<void>;
  delete(id: string): Promise<void>;
}

const jobs = defineJobs({ 'note.sync': job<{ id: string }>({ timeoutMs: 30_000 }) });

export function openSync(notes: Notes, where: Pick<QueueOptions, 'store' | 'environment'>) {
  const queue = createQueue({ name: 'sync', jobs, ...where });

  /** Makes the server's note what ours is by now, whatever it was when the job was enqueued. */
  const sync = async ({ id }: { id: string }, { signal }: { signal: AbortSignal }) => {
    const url = `https://notes.example/${id}`;
    const note = await notes.get(id);
    if (note !== undefined) {
      const headers = { 'content-type': 'application/json' };
      await send(url, { method: 'PUT', headers, body: JSON.stringify(note), signal });
      return;
    }
    await send(url, { method: 'DELETE', signal }).catch((error) => {
      if (error.status !== 404) throw error; // It is gone already.
    });
  };

  const enqueue = (id: string) =>
    queue.enqueue('note.sync', { id }, { idempotencyKey: id, onDuplicate: 'restart' });

  return {
    queue,
    worker: () => work(queue, { 'note.sync': sync }),
    async save(note: Note) {
      await notes.put(note);
      return enqueue(note.id);
    },
    async remove(id: string) {
      await notes.delete(id);
      return enqueue(id);
    },
    /** What the server refused, with why. */
    async refused() {
      const { jobs } = await list(queue, { state: 'dead' });
      return jobs.map(({ id, payload, errors }) => ({ id, note: payload.id, why: errors.at(-1)?.message }));
    },
    /** The button beside a refused note. */
    tryAgain: (id: string) => redrive(queue, id),
    /** The button of the offline banner. */
    tryNow: () => retryNow(queue),
  };
}
