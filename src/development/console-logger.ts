import { explain, type Handle, type Logger, list } from '../core/index.ts';
import { contextOf } from '../core/queue/context.ts';
import { type Line, lineOf, unhandledLine } from './lines.ts';

/** So long a job may wait for a worker that the page has still to load. */
const GRACE_MS = 10_000;

/** Writes a line on the console for what goes wrong with a queue, each kind once a job name. */
export class ConsoleLogger implements Logger {
  readonly #queue: Handle;
  readonly #said = new Set<string>();
  #cancelLook: (() => void) | undefined;

  constructor(queue: Handle) {
    this.#queue = queue;
    const context = contextOf(queue);
    const lookSoon = () => {
      this.#cancelLook ??= context.environment.setTimer(() => void this.#look(), GRACE_MS);
    };
    context.on('job:enqueued', lookSoon);
    context.on('queue:idle', lookSoon);
    context.add({ close: () => this.#cancelLook?.() });
  }

  warn(event: string, details: object): void {
    this.#say('warn', event, lineOf(event, details), details);
  }

  error(event: string, details: object): void {
    this.#say('error', event, lineOf(event, details), details);
  }

  #say(level: 'warn' | 'error', event: string, line: Line | undefined, details: object): void {
    if (line === undefined) return;
    const key = `${event} ${line.of}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    const { name } = this.#queue;
    // biome-ignore lint/suspicious/noConsole: that is what this file is for, and only builds for development have it.
    console[level](`holdfast, queue ${JSON.stringify(name)}: ${line.text}. (Said once.)`, details);
  }

  /** For jobs that are due and that nobody runs. Never rejects. */
  async #look(): Promise<void> {
    this.#cancelLook = undefined;
    const { jobs, environment } = contextOf(this.#queue);
    try {
      for (const name of Object.keys(jobs)) {
        const [job] = (await list(this.#queue, { state: 'pending', name, limit: 1 })).jobs;
        if (job === undefined || job.runAt > environment.now()) continue;
        const { waits = [] } = (await explain(this.#queue, job.id)) ?? {};
        if (waits.some(({ why }) => why === 'no-worker'))
          this.#say('warn', 'unhandled', unhandledLine(name), { job, waits });
      }
    } catch {} // The store says itself what is wrong with it, or the queue was closed.
  }
}
