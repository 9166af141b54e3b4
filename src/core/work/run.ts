import {
  JobCancelledError,
  JobReleasedError,
  JobTimeoutError,
  LeaseLostError,
  type PayloadError,
  WorkerStoppedError,
} from '../kernel/errors.ts';
import type { Job } from '../kernel/job.ts';
import type { Attached } from '../kernel/job-row.ts';
import type { ClaimedJob } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import { checkSmall } from '../kernel/small-value.ts';
import type { JobChain } from '../queue/around.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import type { EnqueueOptions } from '../queue/enqueue-options.ts';
import type { Environment } from '../queue/environment.ts';
import type { Far } from '../queue/line.ts';
import { checkKnown, checkMs } from '../queue/options.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { reachOf } from './reach.ts';
import { returned } from './returned.ts';
import type { Handled } from './run-context.ts';
import type { Ending } from './verdict.ts';

/** What a run needs of its worker. */
export interface RunHost {
  readonly environment: Environment;
  readonly timeoutGraceMs: number;
  /** For the jobs that the handler of this one enqueues. */
  readonly chain: (from: Job) => JobChain;
  /** Of a wire, see `Far`. */
  readonly check: Far['check'];
  extend(run: Run): Promise<boolean>;
  /** As features make it; see `contexts`. */
  readonly contextOf: (run: Handled) => HandlerContext;
  /** Sends what is attached in the run; returns whether it is stored. */
  store(run: Run): Promise<boolean>;
  onProgress(run: Run, value: unknown): void;
  onLog(run: Run, message: string): void;
  /** The job has an outcome: its slot is free. Called once, never for a lost lease. */
  onEnd(run: Run, ending: Ending): void;
  /** The lease was lost, or the outcome came before the handler's end; now the handler has really ended. */
  onLeft(run: Run): void;
}

/** What runs in an attempt. */
export interface Runnable {
  readonly handler: Handler<unknown>;
  /** The stored payload was refused by this error, so the handler was not called. */
  readonly isRefusal: (thrown: unknown) => thrown is PayloadError;
}

const NOTHING: readonly never[] = [];

/** One attempt: from the call of the handler to its outcome. */
export class Run implements Handled {
  readonly claimed: ClaimedJob;
  readonly definition: JobDefinition;
  /** The last progress told and not yet stored. */
  progress: unknown;
  /** What features attached in this attempt, while it is not known to be stored. */
  attached: Attached | undefined;
  readonly startedAt: number;
  /** The handler has returned or thrown. */
  handlerEnded = false;
  readonly #host: RunHost;
  /** Made when somebody asks for the signal: most handlers do not. */
  #controller: AbortController | undefined;
  /** Most handlers enqueue nothing. */
  #chain: JobChain | undefined;
  #releaseMs: number | undefined;
  #ended = false;
  #cancelled = false;
  #cancelTimer: (() => void) | undefined;

  constructor(host: RunHost, claimed: ClaimedJob, definition: JobDefinition, startedAt: number) {
    this.#host = host;
    this.claimed = claimed;
    this.definition = definition;
    this.startedAt = startedAt;
  }

  get id(): string {
    return this.claimed.job.id;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Nothing that the handler still does can belong to the job. */
  get isOver(): boolean {
    return this.#ended || this.handlerEnded;
  }

  /** Starts the handler; never throws, and never answers before it has been called. */
  start(work: Runnable): void {
    const timeoutMs = this.claimed.job.timeoutMs ?? this.definition.timeoutMs;
    if (timeoutMs !== undefined)
      this.#cancelTimer = this.#host.environment.setTimer(() => this.#timeOut(timeoutMs), timeoutMs);
    void this.#call(work);
  }

  async #call({ handler, isRefusal }: Runnable): Promise<void> {
    let ending: Ending;
    try {
      const result = returned(await handler(this.claimed.job.payload, this.#host.contextOf(this)));
      if (this.#chain?.arrived !== undefined) await this.#chain.arrived();
      ending = { how: 'returned', result, enqueued: this.#chain?.specs ?? NOTHING };
    } catch (thrown) {
      ending = this.#afterThrow(thrown, isRefusal);
    }
    this.handlerEnded = true;
    // Asked for, so it holds even if the handler swallowed the throw.
    if (this.#releaseMs !== undefined) ending = { how: 'released', delayMs: this.#releaseMs };
    if (this.#ended) this.#host.onLeft(this);
    else this.#end(ending);
  }

  /** Why the signal was aborted says more than what the handler made of it. */
  #afterThrow(thrown: unknown, isRefusal: Runnable['isRefusal']): Ending {
    const { aborted, reason } = this.signal;
    if (aborted && reason instanceof WorkerStoppedError) return { how: 'stopped' };
    if (isRefusal(thrown)) return { how: 'refused', error: thrown };
    const isLate = aborted && reason instanceof JobTimeoutError && reachOf(thrown).kind === 'silent';
    return { how: 'threw', thrown: isLate ? reason : thrown };
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
    this.#controller ??= new AbortController();
    if (!this.#controller.signal.aborted) this.#controller.abort(reason);
  }

  tell(value: unknown): void {
    if (this.isOver) return;
    this.progress = this.small('progress', value);
    this.#host.onProgress(this, value);
  }

  small(what: string, value: unknown): unknown {
    const sealed = sealPayload(value, { blobs: false, what });
    checkSmall(what, sealed.size);
    if (value !== undefined) this.#host.check?.(what, sealed.value);
    return sealed.value;
  }

  attach(feature: string, value: unknown): Promise<boolean> {
    this.attached = { ...this.attached, [feature]: value };
    return this.#host.store(this);
  }

  extend(): Promise<boolean> {
    return this.#host.extend(this);
  }

  release(options: { readonly delayMs?: number }): never {
    const { delayMs = 0 } = checkKnown('release options', options, ['delayMs']);
    this.#releaseMs = checkMs('delayMs', delayMs);
    throw new JobReleasedError(this.id);
  }

  enqueue(name: string, payload: unknown, options: EnqueueOptions): string {
    const { job } = this.claimed;
    if (this.isOver)
      throw new Error(`the handler of job ${job.id} is over: what it enqueues now would be lost`);
    this.#chain ??= this.#host.chain(job);
    return this.#chain.enqueue({ name, payload, options });
  }

  log(message: string): void {
    this.#host.onLog(this, String(message));
  }
}
