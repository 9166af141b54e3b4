import type { ClaimRequest, ExchangeAnswer } from '../messages.ts';
import type { Hint } from '../store.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Ended, freesOthers, goesAlone, isChained, settlementOf } from './holdings.ts';
import { Latch } from './latch.ts';
import { Pace } from './pace.ts';
import { MAX_PAUSE_MS, pauseMs } from './pause.ts';
import { proveLife } from './proof-of-life.ts';
import { Reclaimer } from './reclaimer.ts';
import { newTally, report, reportBuried } from './report.ts';
import { Runner } from './runner.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** Waking this much later than planned, or a third of a lease, means that the machine slept or the page was frozen. */
const LATE_MS = 5_000;
/** A stopping worker that runs nothing gives up on a store that failed this often in a row: the leases then run out. */
const STOP_TRIES = 5;

/** `now`: at once. `later`: at the instant, or when woken. `pause`: at the instant, or when stopped. `never`: the loop is over. */
type Next = { readonly turn: 'now' | 'never' } | { readonly turn: 'later' | 'pause'; readonly at: number };

/**
 * The loop of one worker: settle what ended and claim what is due, in one exchange; start handlers; sleep until the next
 * instant worth waking, or a hint. One exchange is under way at a time; handlers run meanwhile.
 */
export class WorkLoop {
  readonly id: string;
  /** What its jobs have come to so far. */
  readonly tally = newTally();
  readonly #setup: WorkerSetup;
  readonly #runner: Runner;
  readonly #heartbeat: Heartbeat;
  readonly #reclaimer: Reclaimer;
  readonly #pace: Pace;
  readonly #latch: Latch;
  /** Where it waits for a store that fails: only a stop wakes it. */
  readonly #pause: Latch;
  #mode: 'work' | 'drain' | 'stop';
  /** Turns in a row that failed. */
  #failures = 0;
  /** Turns in a row that did not bring what was promised. */
  #stalls = 0;
  /** An exchange failed: it may have brought jobs that this worker never heard of. */
  #inDoubt = false;
  #exchanging = false;
  #idle = false;
  #cancelGrace: (() => void) | undefined;

  constructor(setup: WorkerSetup, mode: 'work' | 'drain') {
    const { environment, leaseMs } = setup;
    this.id = environment.id();
    this.#setup = setup;
    this.#mode = mode;
    this.#latch = new Latch(environment);
    this.#pause = new Latch(environment);
    this.#pace = new Pace(setup.concurrency, mode);
    this.#reclaimer = new Reclaimer(setup);
    this.#runner = new Runner(setup, {
      wake: () => this.#latch.wake(),
      extendAll: () => this.#heartbeat.now(),
      isUnsure: () => this.#heartbeat.isUnsure,
      isExchanging: () => this.#exchanging,
    });
    this.#heartbeat = new Heartbeat({
      environment,
      leaseMs,
      isNeeded: () => !this.#holdings.isEmpty,
      beat: () => this.#beat(),
      onSure: () => this.#runner.startReady(),
    });
  }

  get #holdings() {
    return this.#runner.holdings;
  }

  #now(): number {
    return this.#setup.environment.now();
  }

  /** Resolves when the loop is over: stopped, or drained. Never rejects. */
  async run(): Promise<void> {
    const letGo = await proveLife(this.#setup, this.id, (error) => this.#tellError(error));
    for (let next = await this.#turn(); next.turn !== 'never'; next = await this.#turn()) {
      if (next.turn === 'later') await this.#sleep(next.at);
      if (next.turn === 'pause') await this.#sleep(next.at, this.#pause);
    }
    this.#heartbeat.stop();
    this.#runner.close();
    this.#cancelGrace?.();
    letGo();
  }

  hear(hint: Hint): void {
    if (hint === 'cancel') void this.#heartbeat.now();
    if (hint === 'gone') this.#reclaimer.want();
    if (hint !== 'change') this.#latch.wake();
  }

  /** A gate may have opened. */
  hearGate(): void {
    this.#runner.gates.changed();
  }

  /** From now on nothing is claimed, and what has not begun is given back. After the grace running handlers are aborted. */
  stop(graceMs: number): void {
    this.#mode = 'stop';
    this.#failures = 0;
    this.#runner.giveBack(this.#holdings.ready.splice(0));
    this.#runner.hurryPutOff();
    this.#cancelGrace = this.#setup.environment.setTimer(async () => {
      await this.#runner.abortRunning();
      this.#pause.wake();
    }, graceMs);
    this.#latch.wake();
    this.#pause.wake();
  }

  async #turn(): Promise<Next> {
    let ended: Ended[] = [];
    try {
      if (this.#heartbeat.isLate(this.#lateMs) || this.#heartbeat.isUnsure) await this.#catchUp();
      if (this.#mode !== 'stop' && !this.#heartbeat.isUnsure)
        await this.#reclaimer.run(this.#mode === 'work');
      ended = this.#holdings.takeEnded();
      this.#observe(ended);
      const claim = this.#claimWanted(ended);
      if (ended.length === 0 && claim === undefined) return this.#withoutClaim();
      return await this.#exchange(ended, claim);
    } catch (error) {
      this.#tellError(error);
      const refusal = refusalOf(error);
      if (refusal !== undefined && ended.some(isChained)) {
        this.#runner.refuse(ended, error, refusal === 'no room');
        return { turn: 'now' };
      }
      this.#holdings.keepEnded(ended);
      return this.#afterFailure();
    }
  }

  #observe(ended: readonly Ended[]): void {
    let done = 0;
    let tookMs = 0;
    for (const one of ended) {
      if (one.tookMs === undefined) continue;
      done += 1;
      tookMs += one.tookMs;
    }
    if (ended.length > 0) this.#pace.observe(done, tookMs);
  }

  async #exchange(ended: readonly Ended[], claim: ClaimRequest | undefined): Promise<Next> {
    const { queue, store, emitter, environment } = this.#setup;
    const settle = ended.map(settlementOf);
    const at = environment.now();
    const held = this.#inDoubt ? { held: this.#holdings.ids() } : {};
    const request = { queue, workerId: this.id, settle, ...held, ...(claim === undefined ? {} : { claim }) };
    this.#inDoubt = true;
    this.#exchanging = true;
    const answer = await store.exchange(request, at).finally(() => {
      this.#exchanging = false;
    });
    this.#inDoubt = false;
    this.#failures = 0;
    this.#runner.settled(ended);
    if (answer.jobs.length > 0) this.#heartbeat.claimed(at, this.#holdings.isEmpty);
    for (const [i, one] of ended.entries()) report(emitter, this.tally, one, answer.settled[i] ?? 'stale');
    for (const job of answer.buried ?? []) reportBuried(emitter, this.tally, job);
    if (ended.some(freesOthers) || answer.buried !== undefined) this.#setup.onFreed();
    if (this.#mode === 'stop') this.#runner.giveBack(answer.jobs);
    else this.#runner.take(answer.jobs);
    this.#runner.settleSoon();
    this.#heartbeat.adjust();
    await environment.yield();
    if (claim !== undefined) return this.#afterClaim(answer);
    // Now that they have arrived, the others and the claim follow.
    return ended.some(goesAlone) ? { turn: 'now' } : this.#withoutClaim();
  }

  /** There is no room, or every gate is closed. */
  #withoutClaim(): Next {
    if (this.#mode !== 'work' && this.#holdings.isEmpty) return { turn: 'never' };
    if (this.#mode === 'stop' && this.#holdings.isHopeless(STOP_TRIES)) return { turn: 'never' };
    this.#tellIdle();
    return { turn: 'later', at: this.#now() + MAX_PAUSE_MS };
  }

  #afterClaim({ jobs, buried, nextAt }: ExchangeAnswer): Next {
    const now = this.#now();
    const brought = jobs.length > 0 || buried !== undefined;
    if (brought) this.#stalls = 0;
    if (nextAt === undefined || nextAt > now) {
      this.#stalls = 0;
      if (this.#mode !== 'work' && this.#holdings.isEmpty) return { turn: 'never' };
      this.#tellIdle();
      return { turn: 'later', at: Math.min(nextAt ?? Number.POSITIVE_INFINITY, now + MAX_PAUSE_MS) };
    }
    if (brought) return { turn: 'now' };
    // Something is due that a claim does not bring: a lease that ran out.
    this.#reclaimer.want();
    if (this.#mode === 'drain' && this.#holdings.isEmpty && this.#stalls > 0) return { turn: 'never' };
    const first = this.#stalls++ === 0;
    return { turn: 'later', at: first ? now : now + pauseMs(this.#stalls - 1) };
  }

  #afterFailure(): Next {
    const hopeless = this.#mode === 'stop' && this.#holdings.busy === 0 && this.#failures >= STOP_TRIES - 1;
    return hopeless ? { turn: 'never' } : { turn: 'pause', at: this.#now() + pauseMs(this.#failures++) };
  }

  #tellIdle(): void {
    const { emitter, queue } = this.#setup;
    if (this.#holdings.isEmpty && !this.#idle) emitter.emit('queue:idle', { queue });
    this.#idle = this.#holdings.isEmpty;
  }

  async #sleep(until: number, where = this.#latch): Promise<void> {
    await where.sleep(until);
    if (this.#now() >= until + this.#lateMs) await this.#catchUp();
  }

  get #lateMs(): number {
    return Math.min(LATE_MS, this.#setup.leaseMs / 3);
  }

  /** The machine slept: what is held here may have run out, and nobody noticed as yet. */
  async #catchUp(): Promise<void> {
    this.#reclaimer.wokeLate();
    await this.#heartbeat.now();
  }

  /** What there is room for; undefined when there is none, or outcomes must arrive first. */
  #claimWanted(ended: readonly Ended[]): ClaimRequest | undefined {
    const { concurrency, leaseMs } = this.#setup;
    const { size, ready } = this.#holdings;
    if (this.#mode === 'stop' || ended.some(goesAlone) || this.#holdings.hasSuspect()) return undefined;
    const limit = concurrency + this.#pace.ahead - size;
    if (limit <= 0 || ready.length > this.#pace.ahead / 2) return undefined;
    const names = this.#openNames(limit);
    return Object.keys(names).length === 0 ? undefined : { names, limit, leaseMs, idle: size === 0 };
  }

  #openNames(limit: number): ClaimRequest['names'] {
    const names: Record<string, { version: number; slots: number }> = {};
    for (const [name, { definition }] of this.#setup.works) {
      const open = this.#runner.gates.isOpen(name, definition);
      const slots = open ? this.#holdings.slotsOf(name, definition, limit) : 0;
      if (slots > 0) names[name] = { version: definition.version ?? 1, slots };
    }
    return names;
  }

  /** Extends all leases, and hears which are lost and which are to be cancelled. */
  async #beat(): Promise<boolean> {
    const { queue, store, leaseMs } = this.#setup;
    const leases = this.#holdings.takeLeases();
    try {
      const answers = await store.extend({ queue, workerId: this.id, leases, leaseMs }, this.#now());
      this.#runner.lose(leases.filter((_, i) => answers[i] === 'stale'));
      for (const [i, lease] of leases.entries())
        if (answers[i] === 'cancelRequested') this.#runner.cancel(lease);
      return true;
    } catch (error) {
      this.#holdings.keepProgress(leases);
      this.#tellError(error);
      return false;
    }
  }

  #tellError(error: unknown): void {
    this.#setup.emitter.emit('worker:error', { workerId: this.id, error });
  }
}

/** The store answered, and will answer the same to the same. By code: its copy of the package may be another. */
function refusalOf(error: unknown): 'not storable' | 'no room' | undefined {
  const { code, retryable } = Object(error) as { readonly code?: unknown; readonly retryable?: unknown };
  if (code === 'Payload' || code === 'InvalidOption') return 'not storable';
  return code === 'Store' && retryable === false ? 'no room' : undefined;
}
