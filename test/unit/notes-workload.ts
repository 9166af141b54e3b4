import { job } from 'holdfast';
import type { Workload } from 'holdfast/testing';

interface Edit {
  readonly note: string;
  readonly text: string;
}

/** What a server keeps of a note: the newest edit that reached it, and the fence that came along. */
interface Kept {
  readonly seq: number;
  readonly fence: number;
}

/**
 * Edits of notes are pushed to a server, one lane a note. `isFenced`: the server refuses what comes with a lower fence than
 * the last, which is what fences are for.
 */
export const notes =
  (isFenced = true) =>
  (): Workload => {
    const server = new Map<string, Kept>();
    const pushed = new Set<string>();
    let undone: string | undefined;
    let edits = 0;

    const put = (note: string, edit: Kept): void => {
      const kept = server.get(note);
      if (isFenced && kept !== undefined && edit.fence < kept.fence) return;
      if (kept !== undefined && edit.seq < kept.seq)
        undone ??= `edit ${kept.seq} of ${note} was undone by ${edit.seq}`;
      server.set(note, edit);
    };

    return {
      jobs: () => ({ 'note.push': job<Edit>({ maxAttempts: 100, timeoutMs: 20_000 }) }),
      handlers: (context) => ({
        'note.push': async (payload, { job: { id, seq }, fence, signal }) => {
          await context.sleep(300, signal); // the request is on its way
          put((payload as Edit).note, { seq, fence });
          pushed.add(id);
          await context.sleep(300, signal); // and its answer
        },
      }),
      next: (random) => {
        edits += 1;
        const note = random.pick(['shopping', 'letters']);
        return { name: 'note.push', payload: { note, text: `edit ${edits}` }, options: { lane: note } };
      },
      check: (completed) => {
        for (const id of completed) if (!pushed.has(id)) return `${id} is done and was never pushed`;
        return undone;
      },
    };
  };
