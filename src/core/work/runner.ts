import type { Draft } from '../kernel/job.ts';
import type { ClaimedJob, Outcome } from '../kernel/messages.ts';
import type { WorkerHooks } from '../queue/worker-hooks.ts';
import type { Leases } from './heartbeat.ts';
import { type Ended, Holdings, resultOf } from './holdings.ts';
import { keptResult } from './kept-result.ts';
import { meetingOf } from './meeting.ts';
import { Retries } from './retries.ts';
import { Run, type RunHost } from './run.ts';
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

const UNBEGUN: Outcome = { kind: 'unbegun' };

type Ran = Pick<Ended, 'result' | 'attached'>;

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
export class Runner implements RunHost {
  readonly holdings: Holdings;
  /** Of the features in use. */
  readonly hooks: readonly WorkerHooks[];
  /** Those that let a job begin or not: asked for each. */
  readonly #beginning: readonly WorkerHooks[];
  readonly environment;
  readonly timeoutGraceMs: number;
  readonly chain: RunHost['chain'];
  readonly check: RunHost['check'];
  readonly contextOf: RunHost['contextOf'];
  readonly #setup: WorkerSetup;
  readonly #host: RunnerHost;
  #cancelFlush: (() => void) | undefined;
  #makingSure = false;
  readonly #retries: Retries;
  #cancelAhead: (() => void) | undefined;

  constructor(setup: WorkerSetup, host: RunnerHost) {
    this.holdings = new Holdings(setup.shared.ageing !== undefined);
    this.environment = setup.environment;
    this.timeoutGraceMs = setup.timeoutGraceMs;
    this.chain = setup.chain;
    this.check = setup.line.far?.check;
    this.contextOf = contexts(setup.use);
    this.#setup = setup;
    this.#host = host;
    this.#retries = new Retries(this.holdings, setup.environment, () => host.wake());
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
    this.holdings.add(jobs);
    this.startReady();
  }

  /** What has not begun goes back to its place. */
  giveBack(jobs: readonly ClaimedJob[]): void {
    for (const claimed of jobs) this.#conclude(claimed, UNBEGUN);
  }

  /** The same for those of these ids that have not begun: the store says that they must not now. */
  giveBackIds(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const those = new Set(ids);
    this.giveBack(this.holdings.takeReady(({ job }) => those.has(job.id)));
  }

  /** The same for those whose name is held by what a handler of this context came to. */
  giveBackHeld(): void {
    const { comingHolds } = this.#setup;
    const now = this.environment.now();
    this.giveBack(this.holdings.takeReady(({ job }) => comingHolds.isHeld(job.name, now)));
  }

  /** Aborts what runs; what does not heed its signal is given up. */
  async abortRunning(): Promise<void> {
    for (const run of this.holdings.runs()) run.stop();
    // Handlers that heed their signal have ended after this.
    await this.environment.yield();
    for (const run of this.holdings.runs()) run.giveUp();
  }

  /** The loop is over. */
  close(): void {
    this.#cancelFlush?.();
    this.#cancelAhead?.();
    this.#retries.close();
    for (const hook of this.hooks) hook.close?.();
  }

  /** The worker stops: what is put off has its last tries, the first of them now. */
  hurry(): void {
    this.#retries.hurry();
  }

  /** The store has answered: nothing more becomes of these. */
  settled(ended: readonly Ended[]): void {
    this.#retries.settled(ended);
    const holding = ended.filter(({ endHold }) => endHold !== undefined);
    for (const { endHold } of holding) endHold?.();
    if (holding.length > 0) this.#setup.onHold(true);
  }

  /** Fills the free slots. */
  startReady(now = this.environment.now()): void {
    const { ready } = this.holdings;
    if (ready.length > 0 && this.#host.isUnsure(now)) {
      this.#makeSure();
      return;
    }
    while (ready.length > 0 && this.holdings.slotsTaken < this.#setup.concurrency)
      this.#start(ready.shift() as ClaimedJob, now);
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

  #start(claimed: ClaimedJob, now: number): void {
    const { job } = claimed;
    // It was reclaimed from this very worker: its run has lost the lease that this claim has.
    const before = this.holdings.running.get(job.id);
    if (before !== undefined) this.#loseRun(before);
    const work = this.#setup.works.get(job.name) as Work;
    const { definition } = work;
    // The clock as it is now: others may have run for long since it was read.
    const at = this.#beginning.length === 0 ? now : this.environment.now();
    const refusal = this.#refusal(claimed, at);
    if (refusal !== undefined) {
      this.#conclude(claimed, refusal);
      return;
    }
    const run = new Run(this, claimed, definition, at);
    this.holdings.running.set(job.id, run);
    this.#setup.emitter.emit('job:started', { job });
    run.start(work);
  }

  /** What becomes of a job that must not begin now. */
  #refusal(claimed: ClaimedJob, now: number): Outcome | undefined {
    const { job } = claimed;
    if (this.#setup.comingHolds.isHeld(job.name, now)) return UNBEGUN;
    const keptBack = this.#setup.left.keepBack(job.id, now);
    if (keptBack !== undefined) return keptBack;
    for (let i = 0; i < this.#beginning.length; i++)
      if (this.#beginning[i]?.begins?.(claimed, now) === false) return UNBEGUN;
    return undefined;
  }

  #watchAhead(): void {
    const { ready } = this.holdings;
    if (ready.length === 0) {
      this.#cancelAhead?.();
      this.#cancelAhead = undefined;
      return;
    }
    if (this.#cancelAhead !== undefined) return;
    const before = ready.slice();
    this.#cancelAhead = this.environment.setTimer(() => {
      const waiting = new Set(before);
      this.#cancelAhead = undefined;
      if (ready.some((one) => waiting.has(one))) this.giveBack(ready.splice(0));
      this.#watchAhead();
    }, AHEAD_MAX_MS);
  }

  /** The outcome goes with the next exchange: at once when nothing else is ready, else with its neighbours'. */
  #conclude(claimed: ClaimedJob, outcome: Outcome, ran?: Ran): void {
    this.#keep({ claimed, outcome, ...ran, repeated: false });
  }

  #keep(ended: Ended): void {
    this.holdings.ended.push(ended);
    this.settleSoon();
  }

  /** What ends during an exchange waits for what that brings: else each claim had a small settlement at its heels. */
  settleSoon(): void {
    const { ended, ready } = this.holdings;
    if (ended.length === 0 || this.#host.isExchanging()) return;
    if (ready.length === 0) this.#host.wake();
    else this.#flushSoon();
  }

  #flushSoon(): void {
    this.#cancelFlush ??= this.environment.setTimer(() => {
      this.#cancelFlush = undefined;
      this.#host.wake();
    }, FLUSH_MS);
  }

  onEnd(run: Run, ending: Ending): void {
    const now = this.environment.now();
    const outcome = this.#withResult(run, ending, outcomeOf(ending, run.claimed.job, run.definition, now));
    if (this.holdings.running.get(run.id) === run) this.holdings.running.delete(run.id);
    if (!run.handlerEnded) this.#leave(run, now, false);
    const result = ending.how === 'returned' ? ending.result : undefined;
    const tookMs = Math.max(0, now - run.startedAt);
    const ended: Draft<Ended> = { claimed: run.claimed, outcome, result, tookMs, repeated: false };
    if (run.attached !== undefined) ended.attached = run.attached;
    const meets = meetingOf(ending, run.definition, run.startedAt, this.#setup.outage.outageMs);
    if (meets !== undefined) ended.meets = meets;
    if (outcome.kind === 'retry' && outcome.holdUntil !== undefined)
      ended.endHold = this.#setup.comingHolds.add(run.claimed.job.name, now, outcome.holdUntil);
    this.#keep(ended);
    if (ended.endHold !== undefined) this.#setup.onHold(false);
    this.startReady(now);
  }

  /** A result that cannot be kept is told, and its job is done all the same. */
  #withResult({ claimed }: Run, ending: Ending, outcome: Outcome): Outcome {
    if (!claimed.awaited || ending.how !== 'returned' || outcome.kind !== 'complete') return outcome;
    try {
      return { ...outcome, result: { value: keptResult(ending.result) } };
    } catch (error) {
      if (claimed.awaited === true) this.#setup.emitter.emit('worker:error', { error });
      return { ...outcome, result: { value: undefined, lost: true } };
    }
  }

  /**
   * The store refuses what a handler enqueued. Which of several is to blame shows when each goes alone. A payload that it cannot
   * hold is the handler's failure; that it has no room (`noRoom`) is not: then the outcome is kept. A result goes first: its job is done.
   */
  refuse(ended: readonly Ended[], error: unknown, noRoom: boolean): void {
    const [only] = ended;
    if (only === undefined || ended.length > 1) {
      this.holdings.suspectEnded(ended);
      return;
    }
    const { job } = only.claimed;
    if (resultOf(only.outcome) !== undefined) {
      const { result: _, ...done } = only.outcome as Extract<Outcome, { kind: 'complete' }>;
      this.#conclude(only.claimed, done, { result: only.result });
      return;
    }
    if (noRoom) {
      this.#retries.putOff(only);
      return;
    }
    const { definition } = this.#setup.works.get(job.name) as Work;
    const outcome = outcomeOf({ how: 'threw', thrown: error }, job, definition, this.environment.now());
    this.#conclude(only.claimed, outcome, { attached: only.attached });
  }

  /** The disk is too full to write that they have ended. One for which there is no room alone either is put off, and holds up nobody. */
  keepApart(ended: readonly Ended[]): void {
    const [only] = ended;
    if (ended.length === 1 && only?.suspected) this.#retries.putOff(only);
    else this.holdings.keepApart(ended);
  }

  onLeft(run: Run): void {
    this.#setup.left.forget(run);
    this.#host.wake();
  }

  onProgress(run: Run, value: unknown): void {
    this.#setup.emitter.emit('job:progress', { job: run.claimed.job, value });
  }

  onLog(run: Run, message: string): void {
    this.#setup.emitter.emit('job:log', { job: run.claimed.job, message });
  }

  async store(run: Run): Promise<boolean> {
    const { attached } = run;
    const done = await this.#host.extendAll();
    return done && this.holdings.running.get(run.id) === run && run.attached !== attached;
  }

  async extend(run: Run): Promise<boolean> {
    const isHeld = () => this.holdings.running.get(run.id) === run;
    if (isHeld()) await this.#host.extendAll();
    return isHeld();
  }

  /** Another worker may have these jobs. All at once: the slot of one must not go to another of them. */
  lose(leases: Leases): void {
    const fences = new Map(leases.map(({ id, fence }) => [id, fence]));
    this.holdings.takeReady(({ job, fence }) => fences.get(job.id) === fence);
    const lost = this.holdings.runs().filter(({ id, claimed }) => fences.get(id) === claimed.fence);
    if (lost.length === 0) return;
    for (const run of lost) this.#loseRun(run);
    this.startReady();
    this.#host.wake();
  }

  #leave(run: Run, now: number, heeds: boolean): void {
    this.#setup.left.leave(run, now, this.#setup.overlapAfterMs, heeds);
  }

  #loseRun(run: Run): void {
    this.holdings.running.delete(run.id);
    this.#leave(run, this.environment.now(), true);
    run.lose();
    this.#setup.emitter.emit('lease:lost', { job: run.claimed.job });
  }

  cancel({ id }: Leases[number]): void {
    for (const claimed of this.holdings.takeReady(({ job }) => job.id === id))
      this.#conclude(claimed, UNBEGUN);
    this.holdings.running.get(id)?.cancel();
  }
}
