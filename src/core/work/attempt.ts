import {
  JobCancelledError,
  JobReleasedError,
  JobTimeoutError,
  LeaseLostError,
  type PayloadError,
  WorkerStoppedError,
} from '../kernel/errors.ts';
import type { Draft, Job } from '../kernel/job.ts';
import type { Attached } from '../kernel/job-row.ts';
import type { ClaimedJob, ExtendRequest, Outcome, Settlement } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import { checkSmall } from '../kernel/small-value.ts';
import type { JobChain } from '../queue/around.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import type { EnqueueOptions } from '../queue/enqueue-options.ts';
import type { Environment } from '../queue/environment.ts';
import type { Far } from '../queue/line.ts';
import { checkKnown, checkMs } from '../queue/options.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { type Meets, metOf } from './meeting.ts';
import { reachOf } from './reach.ts';
import { returned } from './returned.ts';
import type { Handled } from './run-context.ts';
import type { Ending } from './verdict.ts';

/** What an attempt needs of its worker. */
export interface AttemptHost {
  readonly environment: Environment;
  readonly timeoutGraceMs: number;
  /** For the jobs that the handler of this one enqueues. */
  readonly chain: (from: Job) => JobChain;
  /** Of a wire, see `Far`. */
  readonly check: Far['check'];
  extend(attempt: Attempt): Promise<boolean>;
  /** As features make it; see `contexts`. */
  readonly contextOf: (attempt: Handled) => HandlerContext;
  /** Sends what is attached in the attempt; returns whether it is stored. */
  store(attempt: Attempt): Promise<boolean>;
  onProgress(attempt: Attempt, value: unknown): void;
  onLog(attempt: Attempt, message: string): void;
  /** The job has an outcome: its slot is free. Called once, never for a lost lease. */
  onEnd(attempt: Attempt, ending: Ending): void;
  /** The lease was lost, or the outcome came before the handler's end; now the handler has really ended. */
  onLeft(attempt: Attempt): void;
}

/** What runs in an attempt. */
export interface Runnable {
  readonly handler: Handler<unknown>;
  /** The stored payload was refused by this error, so the handler was not called. */
  readonly isRefusal: (thrown: unknown) => thrown is PayloadError;
}

const NOTHING: readonly never[] = [];
const UNBEGUN: Outcome = { kind: 'unbegun' };

/** How long an outcome waits that the store had no room for, and how often it had none. */
interface PutOff {
  readonly at: number;
  readonly ms: number;
  readonly refusals: number;
}

/**
 * One attempt at a job, from its claim until the store has its outcome:
 *
 *     ready ────▶ running ────▶ ended ────▶ sent ────▶ gone
 *       │            │          ▲   ▲        │           ▲
 *       ├─ goes back unbegun ───┘   └────────┘           │
 *       │            │           it did not arrive       │
 *       └────────────┴─ its lease is another's by now ───┘
 *
 * `Attempts` alone changes the state, as it counts them.
 */
export class Attempt implements Handled {
  readonly claimed: ClaimedJob;
  readonly definition: JobDefinition;
  state: 'ready' | 'running' | 'ended' | 'sent' | 'gone' = 'ready';
  /** The last progress told and not yet stored. */
  progress: unknown;
  /** What features attached in this attempt, while it is not known to be stored. */
  attached: Attached | undefined;
  startedAt = 0;
  /** The handler has returned or thrown. */
  handlerEnded = false;

  /** What becomes of the job; until a handler came to something, that it has not begun. */
  outcome = UNBEGUN;
  result: unknown;
  /** How long its handler ran; undefined: it did not begin. */
  tookMs: number | undefined;
  /** How it met its target; undefined: it says nothing of it. */
  meets: Meets | undefined;
  /** It brings a hold, which is in force here until the store has answered: what ends that. */
  endHold: (() => void) | undefined;
  /** Sent before without an answer: `stale` may then mean that it arrived. */
  repeated = false;
  /** Sent before with others and refused, perhaps for it or for its size: it goes alone. */
  alone = false;
  /** The store had no room for what its handler made: it keeps its slot until it is settled. */
  putOff: PutOff | undefined;

  readonly #host: AttemptHost;
  /** Made when somebody asks for the signal: most handlers do not. */
  #controller: AbortController | undefined;
  /** Most handlers enqueue nothing. */
  #chain: JobChain | undefined;
  #releaseMs: number | undefined;
  #cancelled = false;
  #cancelTimer: (() => void) | undefined;

  constructor(host: AttemptHost, claimed: ClaimedJob, definition: JobDefinition) {
    this.#host = host;
    this.claimed = claimed;
    this.definition = definition;
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
    return this.state !== 'running' || this.handlerEnded;
  }

  /** Starts the handler; never throws, and never answers before it has been called. */
  start(work: Runnable, now: number): void {
    this.startedAt = now;
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
    if (this.state === 'running') this.#end(ending);
    else this.#host.onLeft(this);
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
    this.#cancelTimer?.();
    this.#abort(new LeaseLostError(this.id));
  }

  /** The worker stops: asks the handler to end. */
  stop(): void {
    this.#abort(new WorkerStoppedError());
  }

  /** It did not end in time: given back as it is. */
  giveUp(): void {
    if (this.state === 'running') this.#end({ how: 'stopped' });
  }

  #abort(reason: Error): void {
    this.#controller ??= new AbortController();
    if (!this.#controller.signal.aborted) this.#controller.abort(reason);
  }

  /** The store has these. */
  arrived({ progress, attach }: Pick<ExtendRequest['leases'][number], 'progress' | 'attach'>): void {
    if (this.progress === progress) this.progress = undefined;
    if (this.attached === attach) this.attached = undefined;
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

export function settlementOf({ claimed, outcome, attached, meets }: Attempt, now: number): Settlement {
  const settlement: Draft<Settlement> = { id: claimed.job.id, fence: claimed.fence, outcome };
  if (attached !== undefined) settlement.attach = attached;
  if (meets !== undefined) settlement.met = metOf(meets, now);
  return settlement;
}

type Ended = Pick<Attempt, 'outcome'>;

const isChained = ({ outcome }: Ended): boolean =>
  outcome.kind === 'complete' && outcome.enqueue !== undefined;

export const resultOf = ({ outcome }: Ended): unknown =>
  outcome.kind === 'complete' ? outcome.result : undefined;

/** What its handler made is to be stored: jobs, or a result. */
export const bringsMore = (attempt: Ended): boolean => isChained(attempt) || resultOf(attempt) !== undefined;

/** Without a claim: what that brings could be lost with the next failure, and would wait for the end of its leases. */
export const goesAlone = ({ repeated, alone }: Attempt): boolean => repeated || alone;

/** Whether settling it may let a job go that this worker does not take along. */
export function freesOthers(attempt: Attempt): boolean {
  const { job } = attempt.claimed;
  const inLane = job.lane !== undefined || job.idempotencyKey !== undefined;
  return attempt.outcome.kind !== 'complete' || isChained(attempt) || inLane;
}
