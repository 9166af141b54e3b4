import type { ClaimedJob, ClaimRequest, ExchangeAnswer, Outcome } from '../messages.ts';
import type { Hint } from '../store.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Ended, Holdings, settlementOf } from './holdings.ts';
import { Latch } from './latch.ts';
import { Pace } from './pace.ts';
import { newTally, report } from './report.ts';
import { Run, type RunHost } from './run.ts';
import { type Ending, outcomeOf } from './verdict.ts';
import type { Work, WorkerSetup } from './worker-setup.ts';

/** The longest a worker sleeps without looking: hints are lossy. */
const MAX_SLEEP_MS = 30_000;
/** Waking this much later than planned means that the machine slept or the page was frozen. */
const LATE_MS = 5_000;
/** Outcomes wait this long for others while claimed jobs are still to be run. */
const FLUSH_MS = 20;
/** After a failure of the store, or a turn that should have brought jobs and did not: doubling, up to the longest sleep. */
const PAUSE_MS = 250;
const RECLAIM_LIMIT = 1_000;
/** A job whose last handler still runs here comes back after this. */
const OVERLAP_MS = 1_000;
/** A stopping worker gives up on a store that failed this often in a row: the leases then run out. */
const STOP_TRIES = 5;

/** `now`: at once. `later`: at the instant or when woken. `woken`: only when woken. `never`: the loop is over. */
type Next = { readonly turn: 'now' | 'woken' | 'never' } | { readonly turn: 'later'; readonly at: number };

/**
 * The loop of one worker: settle what ended and claim what is due, in one exchange; start handlers; sleep until the next
 * instant worth waking, or a hint. One exchange is under way at a time; handlers run meanwhile.
 */
export class WorkLoop implements RunHost {
  readonly id: string;
  readonly environment;
  readonly timeoutGraceMs: number;
  readonly toSpec: RunHost['toSpec'];
  /** What its jobs have come to so far. */
  readonly tally = newTally();
  readonly #setup: WorkerSetup;
  readonly #holdings = new Holdings();
  readonly #latch: Latch;
  readonly #pace: Pace;
  readonly #heartbeat: Heartbeat;
  #mode: 'work' | 'drain' | 'stop';
  #reclaimWanted = true;
  #reclaimedAt = Number.NEGATIVE_INFINITY;
  #noReclaimBefore = Number.NEGATIVE_INFINITY;
  /** Turns in a row that failed, or did not bring what was promised. */
  #stalls = 0;
  #idle = false;
  #cancelFlush: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;

  constructor(setup: WorkerSetup, mode: 'work' | 'drain') {
    const { environment } = setup;
    this.id = environment.id();
    this.environment = environment;
    this.timeoutGraceMs = setup.timeoutGraceMs;
    this.toSpec = setup.toSpec;
    this.#setup = setup;
    this.#mode = mode;
    this.#latch = new Latch(environment);
    this.#pace = new Pace(environment.now());
    this.#heartbeat = new Heartbeat(
      environment,
      setup.leaseMs,
      () => !this.#holdings.isEmpty,
      () => this.#beat(),
    );
  }

  /** Resolves when the loop is over: stopped, or drained. Never rejects. */
  async run(): Promise<void> {
    const letGo = await this.#proveLife();
    for (;;) {
      const next = await this.#turn();
      if (next.turn === 'never') break;
      if (next.turn !== 'now') await this.#sleep(next.turn === 'later' ? next.at : undefined);
    }
    this.#heartbeat.stop();
    this.#cancelFlush?.();
    this.#cancelGrace?.();
    letGo();
  }

  hear(hint: Hint): void {
    if (hint === 'cancel') void this.#beat();
    if (hint === 'gone') this.#reclaimWanted = true;
    if (hint !== 'change') this.#latch.wake();
  }

  /** From now on nothing is claimed, and what has not begun is given back. After the grace running handlers are aborted. */
  stop(graceMs: number): void {
    this.#mode = 'stop';
    this.#giveBackReady();
    this.#cancelGrace = this.environment.setTimer(() => void this.#abortRunning(), graceMs);
    this.#latch.wake();
  }

  #giveBackReady(): void {
    const now = this.environment.now();
    for (const claimed of this.#holdings.ready.splice(0))
      this.#conclude(claimed, { kind: 'release', runAt: now });
  }

  async #abortRunning(): Promise<void> {
    for (const run of [...this.#holdings.running.values()]) run.stop();
    // Handlers that heed their signal have ended after this; the others are given up.
    await this.environment.yield();
    for (const run of [...this.#holdings.running.values()]) run.giveUp();
  }

  async #proveLife(): Promise<() => void> {
    const none = () => undefined;
    try {
      return (await this.#setup.store.signOfLife?.(this.id)) ?? none;
    } catch (error) {
      this.#tellError(error);
      return none;
    }
  }

  async #turn(): Promise<Next> {
    let ended: Ended[] = [];
    try {
      await this.#reclaimIfDue();
      ended = this.#holdings.takeEnded();
      const claim = this.#claimWanted(ended);
      if (ended.length === 0 && claim === undefined) return this.#withoutClaim();
      return await this.#exchange(ended, claim);
    } catch (error) {
      this.#holdings.keepEnded(ended);
      this.#tellError(error);
      if (this.#mode === 'stop' && this.#stalls >= STOP_TRIES) return { turn: 'never' };
      return { turn: 'later', at: this.#afterPause() };
    }
  }

  async #exchange(ended: readonly Ended[], claim: ClaimRequest | undefined): Promise<Next> {
    const { queue, store, emitter } = this.#setup;
    const settle = ended.map(settlementOf);
    const request = { queue, workerId: this.id, settle, ...(claim === undefined ? {} : { claim }) };
    const answer = await store.exchange(request, this.environment.now());
    for (const [i, one] of ended.entries()) report(emitter, this.tally, one, answer.settled[i] ?? 'stale');
    this.#pace.observe(ended.length, this.environment.now());
    this.#holdings.ready.push(...answer.jobs);
    if (this.#mode === 'stop') this.#giveBackReady();
    this.#heartbeat.arm();
    this.#startReady();
    await this.environment.yield();
    return claim === undefined ? this.#withoutClaim() : this.#afterClaim(answer);
  }

  #withoutClaim(): Next {
    const over = this.#mode !== 'work' && this.#holdings.isEmpty;
    return { turn: over ? 'never' : this.#mode === 'drain' && this.#holdings.size === 0 ? 'now' : 'woken' };
  }

  #afterClaim({ jobs, nextAt }: ExchangeAnswer): Next {
    const now = this.environment.now();
    if (jobs.length > 0) this.#stalls = 0;
    if (nextAt === undefined || nextAt > now) {
      this.#stalls = 0;
      if (this.#mode !== 'work' && this.#holdings.isEmpty) return { turn: 'never' };
      this.#tellIdle();
      return { turn: 'later', at: Math.min(nextAt ?? Number.POSITIVE_INFINITY, now + MAX_SLEEP_MS) };
    }
    if (jobs.length > 0) return { turn: 'now' };
    // Something is due that a claim does not bring: a lease that ran out.
    this.#reclaimWanted = true;
    if (this.#mode === 'drain' && this.#holdings.isEmpty && this.#stalls > 0) return { turn: 'never' };
    return { turn: 'later', at: this.#stalls++ === 0 ? now : this.#afterPause() };
  }

  #tellIdle(): void {
    if (this.#holdings.isEmpty && !this.#idle)
      this.#setup.emitter.emit('queue:idle', { queue: this.#setup.queue });
    this.#idle = this.#holdings.isEmpty;
  }

  #afterPause(): number {
    const pause = Math.min(MAX_SLEEP_MS, PAUSE_MS * 2 ** this.#stalls);
    this.#stalls += 1;
    return this.environment.now() + pause;
  }

  async #sleep(until: number | undefined): Promise<void> {
    await this.#latch.sleep(until);
    const now = this.environment.now();
    if (until === undefined || now < until + LATE_MS) return;
    // Everybody slept: whose heartbeat comes first must not take the others' jobs for abandoned.
    this.#noReclaimBefore = now + this.#setup.leaseMs / 3;
    await this.#beat();
  }

  async #reclaimIfDue(): Promise<void> {
    const { queue, store, leaseMs } = this.#setup;
    const now = this.environment.now();
    const wanted = this.#reclaimWanted || (this.#mode === 'work' && now >= this.#reclaimedAt + leaseMs);
    if (!wanted || this.#mode === 'stop' || now < this.#noReclaimBefore) return;
    this.#reclaimWanted = false;
    this.#reclaimedAt = now;
    await store.reclaim({ queue, limit: RECLAIM_LIMIT }, now);
  }

  /** What there is room for; undefined when there is none, or outcomes must arrive first. */
  #claimWanted(ended: readonly Ended[]): ClaimRequest | undefined {
    const { concurrency, leaseMs } = this.#setup;
    const { size, ready } = this.#holdings;
    if (this.#mode === 'stop' || ended.some(({ repeated }) => repeated) || this.#holdings.hasSuspect())
      return undefined;
    const limit = concurrency + this.#pace.ahead - size;
    if (limit <= 0 || ready.length > this.#pace.ahead / 2) return undefined;
    const names = this.#openNames(limit);
    return Object.keys(names).length === 0 ? undefined : { names, limit, leaseMs, idle: size === 0 };
  }

  #openNames(limit: number): ClaimRequest['names'] {
    const names: Record<string, { version: number; slots: number }> = {};
    for (const [name, { definition }] of this.#setup.works) {
      const slots = isOpen(definition.gate) ? this.#holdings.slotsOf(name, definition, limit) : 0;
      if (slots > 0) names[name] = { version: definition.version ?? 1, slots };
    }
    return names;
  }

  #startReady(): void {
    const { ready, running } = this.#holdings;
    while (ready.length > 0 && running.size < this.#setup.concurrency)
      this.#start(ready.shift() as ClaimedJob);
  }

  #start(claimed: ClaimedJob): void {
    const { job } = claimed;
    const now = this.environment.now();
    const { definition, handler } = this.#setup.works.get(job.name) as Work;
    const overlaps = this.#holdings.left.has(job.id);
    if (overlaps || !isOpen(definition.gate)) {
      this.#conclude(claimed, { kind: 'release', runAt: overlaps ? now + OVERLAP_MS : now });
      return;
    }
    this.#idle = false;
    const run = new Run(this, claimed, definition);
    this.#holdings.running.set(job.id, run);
    this.#setup.emitter.emit('job:started', { job });
    run.start(handler);
  }

  onEnd(run: Run, ending: Ending): void {
    const outcome = outcomeOf(ending, run.claimed.job, run.definition, this.environment.now());
    this.#holdings.running.delete(run.id);
    if (!run.handlerEnded) this.#holdings.left.set(run.id, run);
    this.#conclude(run.claimed, outcome, ending.how === 'returned' ? ending.result : undefined);
    this.#startReady();
  }

  onLeft(run: Run): void {
    if (this.#holdings.left.get(run.id) === run) this.#holdings.left.delete(run.id);
    this.#latch.wake();
  }

  /** The outcome goes with the next exchange: at once when nothing else is ready, else with its neighbours'. */
  #conclude(claimed: ClaimedJob, outcome: Outcome, result?: unknown): void {
    this.#holdings.ended.push({ claimed, outcome, result, repeated: false });
    if (this.#holdings.ready.length === 0) this.#latch.wake();
    else this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#cancelFlush !== undefined) return;
    this.#cancelFlush = this.environment.setTimer(() => {
      this.#cancelFlush = undefined;
      this.#latch.wake();
    }, FLUSH_MS);
  }

  async extend(run: Run): Promise<boolean> {
    await this.#beat();
    return this.#holdings.running.get(run.id) === run;
  }

  onProgress(run: Run, value: unknown): void {
    this.#setup.emitter.emit('job:progress', { job: run.claimed.job, value });
  }

  onLog(run: Run, message: string): void {
    this.#setup.emitter.emit('job:log', { job: run.claimed.job, message });
  }

  /** Extends all leases, and hears which are lost and which are to be cancelled. */
  async #beat(): Promise<void> {
    const { queue, store, leaseMs } = this.#setup;
    const leases = this.#holdings.leases();
    if (leases.length === 0) return;
    try {
      const answers = await store.extend(
        { queue, workerId: this.id, leases, leaseMs },
        this.environment.now(),
      );
      for (const [i, { id, fence }] of leases.entries()) {
        if (answers[i] === 'stale') this.#lose(id, fence);
        if (answers[i] === 'cancelRequested') this.#cancel(id);
      }
    } catch (error) {
      this.#tellError(error);
    }
  }

  #lose(id: string, fence: number): void {
    const { running, ready, left } = this.#holdings;
    const at = ready.findIndex((claimed) => claimed.job.id === id && claimed.fence === fence);
    if (at >= 0) ready.splice(at, 1);
    const run = running.get(id);
    if (run === undefined || run.claimed.fence !== fence) return;
    running.delete(id);
    left.set(id, run);
    run.lose();
    this.#setup.emitter.emit('lease:lost', { job: run.claimed.job });
    this.#startReady();
    this.#latch.wake();
  }

  #cancel(id: string): void {
    const { running, ready } = this.#holdings;
    const at = ready.findIndex(({ job }) => job.id === id);
    const [claimed] = at >= 0 ? ready.splice(at, 1) : [];
    if (claimed !== undefined) this.#conclude(claimed, { kind: 'cancelled' });
    running.get(id)?.cancel();
  }

  #tellError(error: unknown): void {
    this.#setup.emitter.emit('worker:error', { workerId: this.id, error });
  }
}

/** A gate that throws is closed: nothing is known that would let its jobs go. */
function isOpen(gate: Work['definition']['gate']): boolean {
  try {
    return gate === undefined || gate.isOpen();
  } catch {
    return false;
  }
}
