import { DeadLetterError, defineJobs, exponential, type Handlers, job, type StandardSchema } from 'holdfast';
import type { NoteTables } from './note-tables.ts';

interface NoteRef {
  readonly id: string;
}

/** Written by hand; a schema of any library that knows Standard Schema goes here too. */
const noteRef: StandardSchema<NoteRef> = {
  '~standard': {
    version: 1,
    vendor: 'kelp',
    validate(value) {
      const { id } = (value ?? {}) as Partial<NoteRef>;
      return typeof id === 'string' && id !== ''
        ? { value: { id } }
        : { issues: [{ message: 'expected the id of a note', path: ['id'] }] };
    },
  },
};

export const jobs = defineJobs({
  'note.index': job({ payload: noteRef, maxAttempts: 3, backoff: exponential({ initialMs: 1_000 }) }),
  'note.digest': job<null>({ maxAttempts: 3 }),
});

/** After the last write of a burst. */
export const DIGEST_DELAY_MS = 5_000;

export function handlersOver(tables: NoteTables): Handlers<typeof jobs> {
  return {
    'note.index'({ id }) {
      const note = tables.note(id);
      if (note === undefined || note.deleted) return tables.dropWords(id);
      // Two words of a note show what a queue does with trouble.
      if (/\bunreadable\b/.test(note.text)) throw new DeadLetterError('this note says that it is unreadable');
      if (/\bflaky\b/.test(note.text)) throw new Error('this note says that it is flaky');
      const words = note.text.split(/\s+/).filter((word) => word !== '').length;
      return tables.putWords(id, note.revision, words);
    },
    'note.digest'() {
      const counted = tables.words();
      const words = counted.reduce((sum, one) => sum + one.words, 0);
      tables.setDigest({ notes: counted.length, words, at: Date.now() });
    },
  };
}
