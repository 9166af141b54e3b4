import {
  type EnqueueOptions,
  type HandlerContext,
  InvalidOptionError,
  JobReleasedError,
  systemEnvironment,
} from '../../core/index.ts';
import { sealPayload } from '../../core/kernel/payload.ts';
import { checkSmall } from '../../core/kernel/small-value.ts';
import { checkKnown, checkMs, checkText } from '../../core/queue/options.ts';
import type { Enqueued, Task, TaskEnd, ThreadContext, Word } from './thread-face.ts';

/** A thread's way back to its pool. */
type Tell = (word: Word, value?: unknown) => Promise<unknown>;

/** One attempt, in the thread that runs it. */
export class ThreadRun {
  readonly task: Task;
  readonly context: HandlerContext & ThreadContext;
  readonly #tell: Tell;
  readonly #controller = new AbortController();
  readonly #enqueued: Enqueued[] = [];
  /** What was said and not heard yet. */
  readonly #pending = new Set<Promise<unknown>>();
  #releaseMs: number | undefined;
  #isOver = false;

  constructor(task: Task, tell: Tell) {
    const { job, attempt, tries, fence } = task;
    this.task = task;
    this.#tell = tell;
    this.context = {
      ...{ job, attempt, tries, fence },
      signal: this.#controller.signal,
      progress: (value) => this.#progress(value),
      checkpoint: (value) => this.#checkpoint(value),
      extend: async () => (await this.#say('extend')) === true,
      release: (options = {}) => this.#release(options),
      enqueue: (name: string, payload: unknown, options: EnqueueOptions = {}) =>
        this.#enqueue(name, payload, options),
      log: (message) => void this.#say('log', String(message)),
    };
  }

  abort(reason: unknown): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(reason);
  }

  /** What was said on the way is heard first. */
  async end(how: Exclude<TaskEnd, { readonly how: 'released' }>): Promise<TaskEnd> {
    this.#isOver = true;
    await Promise.allSettled(this.#pending);
    // Asked for, so it holds even if the handler swallowed the throw.
    return this.#releaseMs === undefined ? how : { how: 'released', delayMs: this.#releaseMs };
  }

  get enqueued(): readonly Enqueued[] {
    return this.#enqueued;
  }

  #progress(value: unknown): void {
    if (!this.#isOver) void this.#say('progress', small('progress', value));
  }

  async #checkpointed(value: unknown): Promise<boolean> {
    return (await this.#say('checkpoint', value)) === true;
  }

  /** Throws at once for what cannot be stored. */
  #checkpoint(value: unknown): Promise<boolean> {
    if (value === undefined) throw new InvalidOptionError('checkpoint', value, 'a value');
    return this.#isOver ? Promise.resolve(false) : this.#checkpointed(small('checkpoint', value));
  }

  #release(options: { readonly delayMs?: number }): never {
    const { delayMs = 0 } = checkKnown('release options', options, ['delayMs']);
    this.#releaseMs = checkMs('delayMs', delayMs);
    throw new JobReleasedError(this.task.job.id);
  }

  #enqueue(name: string, payload: unknown, options: EnqueueOptions): string {
    if (this.#isOver)
      throw new Error(`the handler of job ${this.task.job.id} is over: what it enqueues now would be lost`);
    const { value } = sealPayload(payload, { blobs: true });
    const how = sealPayload(options, { blobs: false, what: 'options' }).value as EnqueueOptions;
    const id = how.id === undefined ? systemEnvironment.id() : checkText('id', how.id);
    this.#enqueued.push({ name, payload: value, options: { ...how, id } });
    return id;
  }

  /** A pool that is gone takes this thread along: nobody waits for what it would have said. */
  #say(word: Word, value?: unknown): Promise<unknown> {
    const said = this.#tell(word, value).catch(() => false);
    this.#pending.add(said);
    void said.then(() => this.#pending.delete(said));
    return said;
  }
}

function small(what: string, value: unknown): unknown {
  const sealed = sealPayload(value, { blobs: false, what });
  checkSmall(what, sealed.size);
  return sealed.value;
}
