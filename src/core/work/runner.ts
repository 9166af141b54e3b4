import type { ClaimedJob, Outcome } from '../kernel/messages.ts';
import type { WorkerHooks } from '../queue/worker-hooks.ts';
import { Attempt, type AttemptHost } from './attempt.ts';
import { Attempts } from './attempts.ts';
import { keptResult } from './kept-result.ts';
import { meetingOf } from './meeting.ts';
import { contexts } from './run-context.ts';
import { type Ending, outcomeOf } from './verdict.ts';
import type { Work, WorkerSetup } from './worker-setup.ts';

/** Outcomes wait this long for others while claimed jobs are still to be run. */
const FLUSH_MS = 20;
/**
 * What was claimed ahead and has not begun after this, or twice this, goes back: work has become slower than it was, and others
 * may be free.
 */
const AHEAD_MAX_MS = 1_000;

/** What a runner asks of the loop that feeds it. */
export interface RunnerHost {
  /** There is something to settle, or room. */
  wake(): void;
  /** Extends all leases now, and hears which are lost; answers whether the store has what was to be sent. */
  extendAll(): Promise<boolean>;
  /** The leases may have run out meanwhile. */
  isUnsure(now: number): boolean;
  /** An exchange is under way: at its end the loop calls `settleSoon`. */
  isExchanging(): boolean;
}

/** Runs what was claimed, each job's handler in a slot, and keeps the outcomes until they are settled. */
export class Runner implements AttemptHost {
  readonly attempts: Attempts;
  /** Of the features in use. */
  readonly hooks: readonly WorkerHooks[];
  /** Those that let a job begin or not: asked for each. */
  readonly #beginning: readonly WorkerHooks[];
  readonly environment;
  readonly timeoutGraceMs: number;
  readonly chain: AttemptHost['chain'];
  readonly check: AttemptHost['check'];
  readonly contextOf: AttemptHost['contextOf'];
  readonly #setup: WorkerSetup;
  readonly #host: RunnerHost;
  #cancelFlush: (() => void) | undefined;
  #makingSure = false;
  #cancelAhead: (() => void) | undefined;

  constructor(setup: WorkerSetup, host: RunnerHost) {
    this.attempts = new Attempts(setup.shared.ageing !== undefined);
    this.environment = setup.environment;
    this.timeoutGraceMs = setup.timeoutGraceMs;
    this.chain = setup.chain;
    this.check = setup.line.far?.check;
    this.contextOf = contexts(setup.use);
    this.#setup = setup;
    this.#host = host;
    const hooked = {
      environment: setup.environment,
      isHere: setup.line.local !== undefined,
      wake: () => host.wake(),
      fail: (error: unknown) => setup.emitter.emit('worker:error', { error }),
    };
    this.hooks = setup.use.flatMap((feature) => feature.worker?.(hooked) ?? []);
    this.#beginning = this.hooks.filter(({ begins }) => begins !== undefined);
  }

  take(jobs: readonly ClaimedJob[]): void {
    this.#add(jobs);
    this.startReady();
  }

  #add(jobs: readonly ClaimedJob[]): void {
    const { works } = this.#setup;
    const attempts = jobs.map(
      (claimed) => new Attempt(this, claimed, (works.get(claimed.job.name) as Work).definition),
    );
    for (const lost of this.attempts.add(attempts)) this.#lose(lost);
  }

  /** The worker was stopped while they were claimed. */
  takeBack(jobs: readonly ClaimedJob[]): void {
    this.#add(jobs);
    this.giveBack();
  }

  /** What has not begun goes back to its place. */
  giveBack(matches: (attempt: Attempt) => boolean = () => true): void {
    if (this.attempts.endReady(matches) > 0) this.settleSoon();
  }

  /** The same for those of these ids: the store says that they must not now. */
  giveBackIds(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const those = new Set(ids);
    this.giveBack(({ id }) => those.has(id));
  }

  /** The same for those whose name is held by what a handler of this context came to. */
  giveBackHeld(): void {
    const { comingHolds } = this.#setup;
    const now = this.environment.now();
    this.giveBack(({ claimed }) => comingHolds.isHeld(claimed.job.name, now));
  }

  /** Aborts what runs; what does not heed its signal is given up. */
  async abortRunning(): Promise<void> {
    for (const attempt of this.attempts.those('running')) attempt.stop();
    // Handlers that heed their signal have ended after this.
    await this.environment.yield();
    for (const attempt of this.attempts.those('running')) attempt.giveUp();
  }

  /** The loop is over. */
  close(): void {
    this.#cancelFlush?.();
    this.#cancelAhead?.();
    for (const hook of this.hooks) hook.close?.();
  }

  /** The store has answered: nothing more becomes of these. */
  settled(sent: readonly Attempt[]): void {
    for (const attempt of sent) this.attempts.remove(attempt);
    const holding = sent.filter(({ endHold }) => endHold !== undefined);
    for (const { endHold } of holding) endHold?.();
    if (holding.length > 0) this.#setup.onHold(true);
  }

  /** Fills the free slots. */
  startReady(now = this.environment.now()): void {
    const { attempts } = this;
    if (attempts.readyCount > 0 && this.#host.isUnsure(now)) {
      this.#makeSure();
      return;
    }
    while (attempts.slotsTaken < this.#setup.concurrency) {
      const next = attempts.next();
      if (next === undefined) break;
      this.#start(next, now);
    }
    this.#watchAhead();
  }

  /** After a freeze: what others have taken over meanwhile must not begin here. */
  #makeSure(): void {
    if (this.#makingSure) return;
    this.#makingSure = true;
    // Without an answer nothing begins: the next heartbeat that comes through starts what is ready.
    void this.#host.extendAll().then((done) => {
      this.#makingSure = false;
      // What was heard meanwhile has to be asked about, too.
      if (done) this.startReady();
    });
  }

  #start(attempt: Attempt, now: number): void {
    const { job } = attempt.claimed;
    // The clock as it is now: others may have run for long since it was read.
    const at = this.#beginning.length === 0 ? now : this.environment.now();
    const refusal = this.#refusal(attempt, at);
    if (refusal !== undefined) {
      this.#end(attempt, refusal);
      return;
    }
    this.attempts.begin(attempt);
    this.#setup.emitter.emit('job:started', { job });
    attempt.start(this.#setup.works.get(job.name) as Work, at);
  }

  /** What becomes of a job that must not begin now. */
  #refusal({ claimed, outcome }: Attempt, now: number): Outcome | undefined {
    const { job } = claimed;
    if (this.#setup.comingHolds.isHeld(job.name, now)) return outcome;
    const keptBack = this.#setup.left.keepBack(job.id, now);
    if (keptBack !== undefined) return keptBack;
    for (let i = 0; i < this.#beginning.length; i++)
      if (this.#beginning[i]?.begins?.(claimed, now) === false) return outcome;
    return undefined;
  }

  #watchAhead(): void {
    if (this.attempts.readyCount === 0) {
      this.#cancelAhead?.();
      this.#cancelAhead = undefined;
      return;
    }
    if (this.#cancelAhead !== undefined) return;
    const before = this.attempts.those('ready');
    this.#cancelAhead = this.environment.setTimer(() => {
      this.#cancelAhead = undefined;
      if (before.some(({ state }) => state === 'ready')) this.giveBack();
      this.#watchAhead();
    }, AHEAD_MAX_MS);
  }

  /** The outcome goes with the next exchange: at once when nothing else is ready, else with its neighbours'. */
  #end(attempt: Attempt, outcome: Outcome): void {
    this.attempts.end(attempt, outcome);
    this.settleSoon();
  }

  /** What ends during an exchange waits for what that brings: else each claim had a small settlement at its heels. */
  settleSoon(): void {
    if (this.#host.isExchanging() || !this.attempts.canSend(this.environment.now())) return;
    if (this.attempts.readyCount === 0) this.#host.wake();
    else this.#flushSoon();
  }

  #flushSoon(): void {
    this.#cancelFlush ??= this.environment.setTimer(() => {
      this.#cancelFlush = undefined;
      this.#host.wake();
    }, FLUSH_MS);
  }

  onEnd(attempt: Attempt, ending: Ending): void {
    const now = this.environment.now();
    const { claimed, definition, startedAt } = attempt;
    const { name } = claimed.job;
    const outcome = this.#withResult(attempt, ending, outcomeOf(ending, claimed.job, definition, now));
    if (!attempt.handlerEnded) this.#leave(attempt, now, false);
    if (ending.how === 'returned') attempt.result = ending.result;
    attempt.tookMs = Math.max(0, now - startedAt);
    attempt.meets = meetingOf(ending, definition, startedAt, this.#setup.outage.outageMs);
    if (outcome.kind === 'retry' && outcome.holdUntil !== undefined)
      attempt.endHold = this.#setup.comingHolds.add(name, now, outcome.holdUntil);
    this.#end(attempt, outcome);
    if (attempt.endHold !== undefined) this.#setup.onHold(false);
    this.startReady(now);
  }

  /** A result that cannot be kept is told, and its job is done all the same. */
  #withResult({ claimed }: Attempt, ending: Ending, outcome: Outcome): Outcome {
    if (!claimed.awaited || ending.how !== 'returned' || outcome.kind !== 'complete') return outcome;
    try {
      return { ...outcome, result: { value: keptResult(ending.result) } };
    } catch (error) {
      if (claimed.awaited === true) this.#setup.emitter.emit('worker:error', { error });
      return { ...outcome, result: { value: undefined, lost: true } };
    }
  }

  onLeft(attempt: Attempt): void {
    this.#setup.left.forget(attempt);
    this.#host.wake();
  }

  onProgress({ claimed: { job } }: Attempt, value: unknown): void {
    this.#setup.emitter.emit('job:progress', { job, value });
  }

  onLog({ claimed: { job } }: Attempt, message: string): void {
    this.#setup.emitter.emit('job:log', { job, message });
  }

  async store(attempt: Attempt): Promise<boolean> {
    const { attached } = attempt;
    const done = await this.#host.extendAll();
    return done && attempt.state === 'running' && attempt.attached !== attached;
  }

  async extend(attempt: Attempt): Promise<boolean> {
    const isHeld = () => attempt.state === 'running';
    if (isHeld()) await this.#host.extendAll();
    return isHeld();
  }

  /** Another worker may have these jobs. All at once: the slot of one must not go to another of them. */
  lose(attempts: readonly Attempt[]): void {
    const those = new Set(attempts);
    this.attempts.loseReady((attempt) => those.has(attempt));
    const lost = attempts.filter(({ state }) => state === 'running');
    if (lost.length === 0) return;
    for (const attempt of lost) this.#lose(attempt);
    this.startReady();
    this.#host.wake();
  }

  #leave(attempt: Attempt, now: number, heeds: boolean): void {
    this.#setup.left.leave(attempt, now, this.#setup.overlapAfterMs, heeds);
  }

  #lose(attempt: Attempt): void {
    this.attempts.remove(attempt);
    if (!attempt.handlerEnded) this.#leave(attempt, this.environment.now(), true);
    attempt.lose();
    this.#setup.emitter.emit('lease:lost', { job: attempt.claimed.job });
  }

  cancel(attempt: Attempt): void {
    this.giveBack((one) => one === attempt);
    if (attempt.state === 'running') attempt.cancel();
  }
}
