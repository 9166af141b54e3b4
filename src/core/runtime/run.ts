import { JobCancelledError, JobTimeoutError, LeaseLostError, WorkerStoppedError } from '../errors.ts';
import { checkProgressSize } from '../logic/leases.ts';
import type { ClaimedJob } from '../messages.ts';
import { sealPayload } from '../payload.ts';
import { Chain } from './chain.ts';
import type { JobDefinition } from './definitions.ts';
import type { CheckedJob, EnqueueOptions } from './enqueue-options.ts';
import type { Environment } from './environment.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { checkKnown, checkMs } from './options.ts';
import { type Parsed, parsePayload, type StandardSchema } from './schema.ts';
import type { Ending } from './verdict.ts';

/** What a run needs of its worker. */
export interface RunHost {
  readonly environment: Environment;
  readonly timeoutGraceMs: number;
  toSpec(name: string, payload: unknown, options: EnqueueOptions): CheckedJob;
  extend(run: Run): Promise<boolean>;
  onProgress(run: Run, value: unknown): void;
  onLog(run: Run, message: string): void;
  /** The job has an outcome: its slot is free. Called once, never for a lost lease. */
  onEnd(run: Run, ending: Ending): void;
  /** The lease was lost, or the outcome came before the handler's end; now the handler has really ended. */
  onLeft(run: Run): void;
}

/** One attempt: from the parsing of the payload and the call of the handler to its outcome. */
export class Run {
  readonly claimed: ClaimedJob;
  readonly definition: JobDefinition;
  /** The last progress told and not yet stored. */
  progress: unknown;
  readonly startedAt: number;
  /** The handler has returned or thrown. */
  handlerEnded = false;
  readonly #host: RunHost;
  readonly #controller = new AbortController();
  /** Most handlers enqueue nothing. */
  #chain: Chain | undefined;
  #releaseMs: number | undefined;
  #ended = false;
  #cancelled = false;
  #cancelTimer: (() => void) | undefined;

  constructor(host: RunHost, claimed: ClaimedJob, definition: JobDefinition) {
    this.#host = host;
    this.claimed = claimed;
    this.definition = definition;
    this.startedAt = host.environment.now();
  }

  get id(): string {
    return this.claimed.job.id;
  }

  /** Nothing that the handler still does can belong to the job. */
  get #isOver(): boolean {
    return this.#ended || this.handlerEnded;
  }

  /** Starts the handler; never throws, and never answers before it has been called. */
  start(handler: Handler<unknown>): void {
    const timeoutMs = this.claimed.job.timeoutMs ?? this.definition.timeoutMs;
    if (timeoutMs !== undefined)
      this.#cancelTimer = this.#host.environment.setTimer(() => this.#timeOut(timeoutMs), timeoutMs);
    void this.#call(handler);
  }

  async #call(handler: Handler<unknown>): Promise<void> {
    let ending: Ending;
    try {
      const { payload: schema } = this.definition;
      // Without a schema the handler is called in this very turn.
      const parsed: Parsed = schema === undefined ? this.claimed.job : await this.#parse(schema);
      if ('refused' in parsed) ending = { how: 'refused', error: parsed.refused };
      else {
        const result = await handler(parsed.payload, this.#context());
        ending = { how: 'returned', result, enqueued: this.#chain?.specs ?? [] };
      }
    } catch (thrown) {
      ending = this.#afterThrow(thrown);
    }
    this.handlerEnded = true;
    // Asked for, so it holds even if the handler swallowed the throw.
    if (this.#releaseMs !== undefined) ending = { how: 'released', delayMs: this.#releaseMs };
    if (this.#ended) this.#host.onLeft(this);
    else this.#end(ending);
  }

  async #parse(schema: StandardSchema): Promise<Parsed> {
    const parsed = await parsePayload(schema, this.claimed.job.payload);
    // Whatever ended the attempt meanwhile: the handler must not begin.
    this.#controller.signal.throwIfAborted();
    return parsed;
  }

  /** Why the signal was aborted says more than what the handler made of it. */
  #afterThrow(thrown: unknown): Ending {
    const { aborted, reason } = this.#controller.signal;
    if (aborted && reason instanceof WorkerStoppedError) return { how: 'stopped' };
    return { how: 'threw', thrown: aborted && reason instanceof JobTimeoutError ? reason : thrown };
  }

  #end(ending: Ending): void {
    this.#ended = true;
    this.#cancelTimer?.();
    // Unless it completed first.
    const cancelled = this.#cancelled && ending.how !== 'returned';
    this.#host.onEnd(this, cancelled ? { how: 'cancelled' } : ending);
  }

  /** The slot stays taken until the handler ends or its grace is over. */
  #timeOut(timeoutMs: number): void {
    const reason = new JobTimeoutError(this.id, timeoutMs);
    this.#abort(reason);
    this.#cancelTimer = this.#host.environment.setTimer(
      () => this.#end({ how: 'threw', thrown: reason }),
      this.#host.timeoutGraceMs,
    );
  }

  cancel(): void {
    this.#cancelled = true;
    this.#abort(new JobCancelledError(this.id));
  }

  /** Another worker may run the job: whatever this handler comes to, it has no outcome. */
  lose(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer?.();
    this.#abort(new LeaseLostError(this.id));
  }

  /** The worker stops: asks the handler to end. */
  stop(): void {
    this.#abort(new WorkerStoppedError());
  }

  /** It did not end in time: given back as it is. */
  giveUp(): void {
    if (!this.#ended) this.#end({ how: 'stopped' });
  }

  #abort(reason: Error): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(reason);
  }

  #context(): HandlerContext {
    const { job, fence } = this.claimed;
    return {
      job,
      attempt: job.attempt,
      fence,
      signal: this.#controller.signal,
      progress: (value) => {
        if (this.#isOver) return;
        const sealed = sealPayload(value, { blobs: false });
        checkProgressSize(sealed.size);
        this.progress = sealed.value;
        this.#host.onProgress(this, value);
      },
      extend: () => this.#host.extend(this),
      release: (options = {}) => {
        const { delayMs = 0 } = checkKnown('release options', options, ['delayMs']);
        this.#releaseMs = checkMs('delayMs', delayMs);
        throw new Error('the handler released its job');
      },
      enqueue: (name, payload, options = {}) => {
        if (this.#isOver)
          throw new Error(`the handler of job ${job.id} is over: what it enqueues now would be lost`);
        this.#chain ??= new Chain();
        return this.#chain.add(this.#host.toSpec(name, payload, options));
      },
      log: (message) => this.#host.onLog(this, String(message)),
    };
  }
}
