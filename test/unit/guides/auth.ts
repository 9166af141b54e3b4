import {
  createQueue,
  defineJobs,
  exportJobs,
  gates,
  job,
  owner,
  purge,
  type QueueOptions,
  retryNow,
  send,
  work,
} from 'holdfast';
import { signedIn } from 'holdfast/browser';

const jobs = defineJobs({ 'note.push': job<{ id: string; text: string }>() });

/** Your own sign-in: who is there, and a token that is good now. */
export interface Session {
  readonly user: string;
  token(): string;
  /** Calls back when the user has signed in, again after a token ran out too, or out. */
  onChange(listener: (isSignedIn: boolean) => void): () => void;
}

export function openFor(session: Session, where: Pick<QueueOptions, 'store' | 'environment'>) {
  const gate = signedIn((set) => session.onChange(set));
  const use = [owner(session.user), gates({ 'note.push': gate })] as const;
  const queue = createQueue({ name: 'sync', jobs, use, ...where });
  const worker = work(queue, {
    'note.push': async (note, { signal }) => {
      // The token of this attempt, not of the day on which the note was saved.
      const headers = { authorization: `Bearer ${session.token()}` };
      await send(`https://notes.example/${note.id}`, { method: 'PUT', headers, body: note.text, signal });
    },
  });
  const unsubscribe = session.onChange((isSignedIn) => {
    if (isSignedIn) void retryNow(queue); // A 401 has closed the server: ask it at once.
  });
  const stop = async () => {
    unsubscribe();
    await worker.stop();
  };
  return { queue, stop };
}

type Notes = ReturnType<typeof openFor>;

/** Keeps what was not sent for the next sign-in of this user. */
export async function signOut({ queue, stop }: Notes) {
  await stop();
  await queue.close();
}

/** Deletes it: on a device that others use. Returns what was not sent, to be shown before. */
export async function signOutAndForget({ queue, stop }: Notes) {
  const unsent: { id: string; text: string }[] = [];
  for await (const { item } of exportJobs(queue)) if (item) unsent.push(item.payload);
  await stop();
  await purge(queue);
  await queue.close();
  return unsent;
}
