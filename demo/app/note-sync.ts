import { DeadLetterError, send } from 'holdfast';
import { type Database, deviceOf } from './database.ts';
import type { NoteDrop, NotePush } from './jobs.ts';

/** What a write needs besides the note; `job.id` is the idempotency key, so a repeated attempt has one effect. */
interface Run {
  readonly job: { readonly id: string };
  readonly fence: number;
  readonly signal: AbortSignal;
}

/** The handlers: one request per job, and the note row learns what the server has. */
export function noteHandlers(open: () => Promise<Database>) {
  const write = async (method: string, id: string, run: Run, body?: unknown): Promise<void> => {
    const device = await deviceOf(await open());
    const writing = send(`/api/notes/${id}`, {
      method,
      headers: {
        'Idempotency-Key': run.job.id,
        Device: device,
        Fence: String(run.fence),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: run.signal,
      expect: 'json',
    });
    await writing.catch((error: unknown) => {
      if (!isSuperseded(error)) throw error;
    });
  };

  return {
    'note.push': async ({ id, ...edit }: NotePush, run: Run): Promise<void> => {
      const note = await (await open()).get('notes', id);
      // Deleted since, or a later edit is there already (this one was dead and somebody retried it).
      if (note === undefined || note.syncedRevision >= edit.revision) return;
      await write('PUT', id, run, edit);
      await markSynced(await open(), id, edit.revision);
    },
    'note.delete': ({ id }: NoteDrop, run: Run): Promise<void> => write('DELETE', id, run),
  };
}

/** A newer owner of this lane has written: nothing is left to do for this one. */
const isSuperseded = (error: unknown): boolean => error instanceof DeadLetterError && error.status === 409;

async function markSynced(database: Database, id: string, revision: number): Promise<void> {
  const transaction = database.transaction('notes', 'readwrite');
  const note = await transaction.store.get(id);
  if (note !== undefined && note.syncedRevision < revision) {
    void transaction.store.put({ ...note, syncedRevision: revision });
  }
  await transaction.done;
}
