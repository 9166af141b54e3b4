import { count, type Job } from 'holdfast';
import { type WorkerQueue, workerQueue } from 'holdfast/comlink';
import { defineNoteJobs, type NoteDrop, type NoteJobs, type NotePush, QUEUE_NAME } from './jobs.ts';
import { shownTitle } from './note.ts';
import type { Notebook } from './notebook.ts';
import { linkNotebook } from './notebook-link.ts';

/** The queue, as the page has it: a handle on what lives in its worker. */
export type PageQueue = WorkerQueue<NoteJobs>;

/** `armed`: it works, and is killed as soon as it has a job in its hands. */
export type HostState = 'starting' | 'working' | 'armed' | 'killed';

export interface HostListeners {
  state(state: HostState): void;
  /** What became of a job in this page's worker, in a sentence. */
  news(words: string): void;
  dead(title: string): void;
  trouble(error: unknown): void;
  /** The worker was ended in the middle of these jobs. */
  killed(titles: readonly string[]): void;
}

export interface SyncHost {
  readonly queue: PageQueue;
  readonly notebook: Notebook;
  /** Ends the worker in the middle of a job, now or at the next one; called again before that, lets it live. */
  killMidJob(): void;
}

/** Starts this page's worker, which has the notes, the queue, and who works on it; a new one is made whenever it is gone. */
export function startHost(listeners: HostListeners): SyncHost {
  const { notebook, connect } = linkNotebook();
  const queue = workerQueue({
    name: QUEUE_NAME,
    jobs: defineNoteJobs(),
    worker: () => {
      const worker = new Worker(new URL('../sync-worker.ts', import.meta.url), { type: 'module' });
      connect(worker);
      return worker;
    },
  });
  return { queue, notebook, killMidJob: killSwitch(queue, listeners) };
}

/** Follows what runs, so that the worker can be ended in the middle of it. */
function killSwitch(queue: PageQueue, listeners: HostListeners): () => void {
  const running = new Map<string, string>();
  let state: HostState = 'starting';
  const enter = (next: HostState): void => {
    state = next;
    listeners.state(next);
  };
  // It works as soon as it answers anything.
  const comeUp = () => count(queue).then(() => enter('working'), listeners.trouble);
  const kill = (): void => {
    enter('killed');
    listeners.killed([...running.values()]);
    running.clear();
    queue.restart();
    void comeUp();
  };
  const over = (job: Job, words: string): void => {
    running.delete(job.id);
    listeners.news(words);
  };
  queue.on('job:started', ({ job }) => {
    running.set(job.id, titleOf(job));
    listeners.news(`“${titleOf(job)}” goes out, attempt ${job.attempt}`);
    if (state === 'armed') kill();
  });
  queue.on('job:completed', ({ job }) => over(job, `“${titleOf(job)}” is on the server`));
  queue.on('job:retried', ({ job, error }) =>
    over(job, `“${titleOf(job)}” did not get there: ${error.message}`),
  );
  queue.on('job:dead', ({ job, error }) => {
    over(job, `“${titleOf(job)}” is dead: ${error.message}`);
    listeners.dead(titleOf(job));
  });
  queue.on('worker:error', ({ error }) => listeners.trouble(error));
  void comeUp();
  return () => {
    if (state === 'armed') enter('working');
    else if (state === 'working' && running.size > 0) kill();
    else if (state === 'working') enter('armed');
  };
}

/** What a job's note is called. */
export function titleOf({ payload }: Pick<Job, 'payload'>): string {
  const note = payload as NotePush | NoteDrop;
  return 'text' in note ? shownTitle(note.text) : note.title;
}
