import { enqueueMany, purge, retryNow } from 'holdfast';
import { defineInspector } from 'holdfast/inspector';
import { openQueue } from './jobs.ts';
import type { FromWorker, ToWorker } from './link.ts';
import { Server, type ServerState } from './server.ts';

export interface PlaygroundWorker {
  readonly number: number;
  readonly thread: Worker;
  /** The text of the message that it sends. */
  running: string | undefined;
}

/** A queue in this page, workers in threads, and a server whose state are buttons. */
export class Playground {
  readonly queue = openQueue();
  readonly #server = new Server();
  readonly #changed: () => void;
  #workers: readonly PlaygroundWorker[] = [];
  #started = 0;
  #sent = 0;

  /** @param changed called after everything that changes what is shown */
  constructor(changed: () => void) {
    defineInspector();
    this.#changed = changed;
    this.addWorker();
    this.addWorker();
  }

  get workers(): readonly PlaygroundWorker[] {
    return this.#workers;
  }

  get server(): Pick<Server, 'state' | 'isOnline' | 'received'> {
    return this.#server;
  }

  async send(messages: number): Promise<void> {
    const payloads = Array.from({ length: messages }, () => {
      this.#sent += 1;
      return { text: `Message ${this.#sent}` };
    });
    await enqueueMany(
      this.queue,
      payloads.map((payload) => ({ name: 'message.send' as const, payload })),
    );
  }

  set serverState(state: ServerState) {
    this.#server.state = state;
    this.#changed();
  }

  set isOnline(isOnline: boolean) {
    this.#server.isOnline = isOnline;
    for (const { thread } of this.#workers) tell(thread, { type: 'network', isOnline });
    this.#changed();
  }

  addWorker(): void {
    this.#started += 1;
    const thread = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const worker: PlaygroundWorker = { number: this.#started, thread, running: undefined };
    thread.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      void this.#hear(worker, data);
    });
    tell(thread, { type: 'network', isOnline: this.#server.isOnline });
    this.#workers = [...this.#workers, worker];
    this.#changed();
  }

  /** Ends a worker in the middle of whatever it does. */
  crash(worker: PlaygroundWorker): void {
    worker.thread.terminate();
    this.#workers = this.#workers.filter((other) => other !== worker);
    this.#changed();
  }

  /** Asks a server at once that could not be reached. */
  async retry(): Promise<void> {
    await retryNow(this.queue);
  }

  /** Deletes all jobs, and what the server has. */
  async startOver(): Promise<void> {
    await purge(this.queue);
    this.#server.forget();
    this.#changed();
  }

  /** Ends as a tab does that is closed: what is stored stays. */
  async close(): Promise<void> {
    for (const { thread } of this.#workers) thread.terminate();
    await this.queue.close();
  }

  async #hear(worker: PlaygroundWorker, heard: FromWorker): Promise<void> {
    if (heard.type === 'call') {
      const answer = this.#server.receive(heard);
      this.#changed();
      tell(worker.thread, { type: 'answer', call: heard.call, status: await answer });
      return;
    }
    worker.running = heard.type === 'running' ? heard.text : undefined;
    this.#changed();
  }
}

const tell = (thread: Worker, message: ToWorker) => thread.postMessage(message);
