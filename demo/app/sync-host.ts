import type { Gate } from './gate.ts';
import type { ConnectionMessage, JobNews, WorkerMessage } from './worker-messages.ts';

/** `armed`: it works, and is killed as soon as it has a job in its hands. */
export type HostState = 'starting' | 'working' | 'armed' | 'killed';

export interface HostListeners {
  state(state: HostState): void;
  job(news: JobNews): void;
  trouble(message: string): void;
  /** The worker was ended in the middle of these jobs. */
  killed(titles: readonly string[]): void;
}

export interface SyncHost {
  /** Ends the worker in the middle of a job, now or at the next one; called again before that, lets it live. */
  killMidJob(): void;
}

/** Long enough to see that nobody works on the job, short enough to wait for. */
const RESTART_MS = 1_500;

/** Runs the sync worker of this page, and starts a new one when it was killed. */
export function hostSyncWorker(connection: Gate, listeners: HostListeners): SyncHost {
  let worker: Worker;
  let state: HostState = 'starting';
  const running = new Map<string, string>();

  const enter = (next: HostState): void => {
    state = next;
    listeners.state(next);
  };
  const start = (): void => {
    enter('starting');
    worker = new Worker(new URL('../sync-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => hear(data));
    worker.addEventListener('error', ({ message }) => fail(message));
    tellConnection();
  };
  const tellConnection = (): void =>
    worker.postMessage({ open: connection.isOpen() } satisfies ConnectionMessage);
  const fail = (message: string): void => {
    // Its script could not be fetched: a page can open just before the network goes away.
    if (state === 'starting') setTimeout(start, RESTART_MS);
    else listeners.trouble(message);
  };
  const kill = (): void => {
    worker.terminate();
    enter('killed');
    listeners.killed([...running.values()]);
    running.clear();
    setTimeout(start, RESTART_MS);
  };
  const hear = (message: WorkerMessage): void => {
    if (message.kind === 'ready') enter('working');
    else if (message.kind === 'trouble') listeners.trouble(message.message);
    else hearJob(message.news);
  };
  const hearJob = (news: JobNews): void => {
    if (news.kind === 'started') running.set(news.id, news.title);
    else running.delete(news.id);
    listeners.job(news);
    if (state === 'armed' && running.size > 0) kill();
  };

  connection.subscribe(tellConnection);
  start();
  return {
    killMidJob() {
      if (state === 'armed') enter('working');
      else if (state === 'working' && running.size > 0) kill();
      else if (state === 'working') enter('armed');
    },
  };
}
