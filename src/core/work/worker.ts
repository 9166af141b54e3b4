import type { Draft } from '../kernel/job.ts';
import type { ClaimedJob, ClaimRequest, ExchangeAnswer, ExchangeRequest } from '../kernel/messages.ts';
import { PROBE_MAX_MS } from '../kernel/outage.ts';
import type { Hint } from '../kernel/store.ts';
import { MARKED_EVERY_MS } from '../kernel/worked.ts';
import type { HeldJob } from '../queue/emitter.ts';
import { Latch } from '../queue/latch.ts';
import type { Runs } from '../queue/part.ts';
import { MAX_PAUSE_MS, pauseMs } from '../queue/pause.ts';
import { isHopeless, refusalOf } from '../queue/refusal.ts';
import { closedBy } from '../queue/worker-hooks.ts';
import { Apart } from './apart.ts';
import { extendLeases } from './extend-leases.ts';
import { Hearsay } from './hearsay.ts';
import { Heartbeat } from './heartbeat.ts';
import { bringsMore, type Ended, freesOthers, goesAlone, settlementOf } from './holdings.ts';
import { exchanging } from './lease-operations.ts';
import { arrivals } from './missed.ts';
import { openNames } from './open-names.ts';
import { Pace } from './pace.ts';
import { Patience } from './patience.ts';
import { proveLife } from './proof-of-life.ts';
import { Reclaimer } from './reclaimer.ts';
import { newTally, report, reportFallen, reportTargets } from './report.ts';
import { Runner } from './runner.ts';
import { asksOf, type WorkPart } from './work-part.ts';
import type { Drained } from './worker-options.ts';
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
  /** What features do in it. */
  readonly #parts: readonly WorkPart[];
  readonly #pace: Pace;
  readonly #hearsay = new Hearsay();
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
  /** When it last left a mark of what it runs, see `worked.ts`. */
  #seenAt = Number.NEGATIVE_INFINITY;
  /** Outcomes on their way to the store. */
  #settling: readonly Ended[] = [];
  /** The store had no room: until it has, no ended job stays by the queue's rules, so that what is done can go. */
  #idle = false;
  /** Of a drain: what it waits for, and what it leaves. */
  readonly #patience: Patience | undefined;
  /** What this worker alone does not reach. */
  readonly #apart: Apart;
  /** Somebody hopes that targets can be reached again. */
  #lifts = false;
  readonly #cancelGraces: (() => void)[] = [];
  #isOver = false;

  /** `waitFor`: it drains, see `DrainOptions`. */
  constructor(setup: WorkerSetup, waitFor?: number | 'empty') {
    const { environment, leaseMs } = setup;
    const mode = waitFor === undefined ? 'work' : 'drain';
    this.id = environment.id();
    this.#setup = setup;
    this.#mode = mode;
    this.#patience = waitFor === undefined ? undefined : new Patience(waitFor);
    this.#latch = new Latch(environment);
    this.#pause = new Latch(environment);
    this.#apart = new Apart(setup.outage.probeMaxMs, this.id);
    this.#pace = new Pace(setup.concurrency, mode);
    this.#reclaimer = new Reclaimer(setup);
    this.#parts = setup.parts.map((make) => make((error) => this.#tellError(error)));
    this.#runner = new Runner(setup, {
      wake: () => this.#latch.wake(),
      extendAll: () => this.#heartbeat.now(),
      isUnsure: (now) => this.#hearsay.isOpen || this.#heartbeat.isUnsureAt(now),
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

  async #beat(): Promise<boolean> {
    const { mark } = this.#hearsay;
    try {
      await extendLeases(this.#setup, this.id, this.#runner);
      this.#hearsay.checked(mark);
      return true;
    } catch (error) {
      this.#tellError(error);
      return false;
    }
  }

  /** Resolves when the loop is over: stopped, or drained. Never rejects. */
  async run(): Promise<void> {
    const awake = this.#untilAwake();
    if (awake !== undefined) await awake;
    const letGo = await proveLife(this.#setup, this.id, (error) => this.#tellError(error));
    for (let next = await this.#turn(); next.turn !== 'never'; next = await this.#turn()) {
      if (next.turn === 'later') await this.#sleep(next.at);
      if (next.turn === 'pause') await this.#sleep(next.at, this.#pause);
    }
    this.#patience?.over(this.#now());
    this.#heartbeat.stop();
    this.#runner.close();
    this.#isOver = true;
    for (const cancel of this.#cancelGraces) cancel();
    letGo();
  }

  hear(hint: Hint): void {
    if (hint === 'cancel') {
      this.#hearsay.hear();
      void this.#heartbeat.now();
    }
    if (hint === 'gone') this.#reclaimer.want();
    if (hint === 'online') this.lift();
    if (hint !== 'change') this.#latch.wake();
  }

  /** Targets may be reached again: the next claim lifts the waits for them. */
  lift(): void {
    this.#lifts = true;
    this.#apart.lift(this.#now());
    this.#latch.wake();
  }

  /** See `Part`. */
  runs(name: string): Runs {
    return this.#setup.works.has(name) ? (closedBy(this.#runner.hooks, name) ?? true) : undefined;
  }

  /** It goes on with jobs of this name until it is stopped. */
  works(name: string): boolean {
    return this.#mode === 'work' && this.#setup.works.has(name);
  }

  /** What has not begun and is held goes back. What an exchange brings that began before the store had the hold: that has to be asked. */
  hearHold(isStored: boolean): void {
    this.#runner.giveBackHeld();
    if (isStored && this.#exchanging) this.#hearsay.hear();
    this.#latch.wake();
  }

  /** What it has claimed and not settled. */
  held(): HeldJob[] {
    const settling = this.#settling.map(({ claimed: { job } }) => ({ id: job.id, name: job.name }));
    return [...this.#holdings.jobs(), ...settling];
  }

  /** It was stopped or is to drain, and nothing is left for it to do. What may yet turn out to be open counts. */
  get #isDone(): boolean {
    if (!this.#holdings.isEmpty) return false;
    if (this.#jobsLeft(0) <= 0) return true;
    if (this.#mode === 'work') return false;
    return (
      this.#mode === 'stop' || !(this.#runner.hooks.some(({ isWaiting }) => isWaiting) || this.#isPatient)
    );
  }

  /** A drain with nothing to do waits for more. */
  get #isPatient(): boolean {
    return this.#patience?.waits(this.#now()) === true;
  }

  /** What a drain did, once it is over. */
  get drained(): Drained {
    return { ...this.tally, activeElsewhere: 0, closed: [], ...this.#patience?.leaves };
  }

  /**
   * From now on nothing is claimed, and what has not begun is given back. After the grace running handlers are aborted; of several graces
   * the one that ends first counts.
   */
  stop(graceMs: number): void {
    if (this.#isOver) return;
    if (this.#mode !== 'stop') this.#beginStop();
    const cancel = this.#setup.environment.setTimer(async () => {
      await this.#runner.abortRunning();
      this.#pause.wake();
    }, graceMs);
    this.#cancelGraces.push(cancel);
    this.#latch.wake();
    this.#pause.wake();
  }

  #beginStop(): void {
    this.#mode = 'stop';
    this.#failures = 0;
    if (!this.#holdings.isEmpty) this.#patience?.cutOff(this.#now());
    this.#runner.giveBack(this.#holdings.ready.splice(0));
    this.#runner.hurry();
  }

  async #turn(): Promise<Next> {
    let ended: Ended[] = [];
    try {
      const awake = this.#untilAwake();
      if (awake !== undefined) await awake;
      if (this.#heartbeat.isLate(this.#lateMs) || this.#heartbeat.isUnsure) await this.#catchUp();
      if (this.#mode !== 'stop' && !this.#heartbeat.isUnsure)
        await this.#reclaimer.run(this.#mode === 'work');
      for (const part of this.#parts) if (this.#isDue(part)) await part.run();
      ended = this.#holdings.takeEnded();
      this.#pace.observe(ended);
      const claim = this.#claimWanted(ended);
      if (ended.length === 0 && claim === undefined && !this.#isUnseen) return this.#withoutClaim();
      return await this.#exchange(ended, claim);
    } catch (error) {
      this.#tellError(error);
      if (isHopeless(error)) return await this.#giveUp();
      const refusal = refusalOf(error);
      if (refusal !== undefined && ended.some(bringsMore)) {
        this.#runner.refuse(ended, error, refusal === 'no room');
        return { turn: 'now' };
      }
      if (refusal === 'no room') this.#runner.keepApart(ended);
      else this.#holdings.keepEnded(ended);
      return this.#afterFailure();
    }
  }

  /** A frozen page begins nothing, and a prerendered one does not work. A stop does not wait for that. */
  #untilAwake(): Promise<void> | undefined {
    const asleep = this.#mode === 'stop' ? undefined : this.#setup.line.untilAwake?.('work');
    void asleep?.then(() => this.#pause.wake());
    return asleep && this.#pause.sleep();
  }

  async #exchange(all: readonly Ended[], claim: ClaimRequest | undefined): Promise<Next> {
    const { run, emitter, environment, runs, evictable } = this.#setup;
    const at = environment.now();
    const settle = all.map((one) => settlementOf(one, at));
    const held = this.#inDoubt ? { held: this.#holdings.ids() } : {};
    const request: Draft<ExchangeRequest> = { workerId: this.id, settle, runs, ...evictable, ...held };
    const unbegun = this.#holdings.unbegun();
    if (unbegun.length > 0) request.unbegun = unbegun;
    const { mark } = this.#hearsay;
    if (claim !== undefined) request.claim = claim;
    if (this.#setup.outage.probeMaxMs !== PROBE_MAX_MS) request.probeMaxMs = this.#setup.outage.probeMaxMs;
    this.#inDoubt = true;
    this.#exchanging = true;
    this.#settling = all;
    const answer = await run<ExchangeRequest, ExchangeAnswer>(exchanging, this.#told(request, all)).finally(
      () => {
        this.#exchanging = false;
        this.#settling = [];
      },
    );
    this.#inDoubt = answer.missed !== undefined;
    const { ended, settled, kept } = arrivals(all, answer);
    this.#holdings.keepEnded(kept);
    if (!answer.unseen) this.#seenAt = at;
    this.#failures = 0;
    this.#hearsay.checked(mark);
    // A heartbeat that went beside it did not ask about what it brings.
    if (answer.jobs.length > 0 && this.#hearsay.mark > mark) this.#hearsay.hear();
    this.#runner.settled(ended);
    this.#runner.giveBackIds(answer.goBack ?? []);
    if (answer.jobs.length > 0) this.#heartbeat.claimed(at, this.#holdings.isEmpty);
    if (claim?.lift) this.#lifts = false;
    ended.forEach((one, i) => {
      report(emitter, this.tally, one, settled[i] ?? 'stale', answer.outage);
    });
    if (answer.outage !== undefined) reportTargets(emitter, answer.outage);
    this.#apart.heard(ended, answer.outage, at);
    reportFallen(emitter, this.tally, answer);
    if (
      ended.some(freesOthers) ||
      answer.buried !== undefined ||
      answer.freed ||
      answer.wentOn ||
      answer.outage
    )
      this.#setup.onFreed(answer.outage?.closed.length ? 'cancel' : 'work');
    if (this.#mode === 'stop') this.#goesBack(answer.jobs);
    else this.#runner.take(answer.jobs);
    this.#runner.settleSoon();
    this.#heartbeat.adjust();
    await environment.yield();
    if (claim !== undefined) {
      this.#patience?.heard(answer, this.#now(), this.#holdings.isEmpty);
      for (const part of this.#parts) part.heard(answer.asked?.[part.name]);
      return this.#afterClaim(answer);
    }
    // Now that they have arrived, the others and the claim follow: what kept a name closed may have been a hold that the store has by now.
    const isMore = ended.some((one) => goesAlone(one) || one.endHold !== undefined);
    return isMore ? { turn: 'now' } : this.#withoutClaim();
  }

  /** With what features have to say. */
  #told(request: ExchangeRequest, all: readonly Ended[]): ExchangeRequest {
    const { hooks } = this.#runner;
    if (hooks.every(({ asks }) => asks === undefined)) return request;
    const running = this.#holdings.runs().map(({ claimed }) => claimed);
    const ended = all.map(({ claimed }) => claimed);
    return hooks.reduce((said, hook) => hook.asks?.(said, running, ended) ?? said, request);
  }

  /** It was stopped while they were claimed. */
  #goesBack(jobs: readonly ClaimedJob[]): void {
    if (jobs.length > 0) this.#patience?.cutOff(this.#now());
    this.#runner.giveBack(jobs);
  }

  /** There is no room, or every name is closed. */
  #withoutClaim(): Next {
    if (this.#mode === 'drain' && this.#holdings.isEmpty) {
      if (this.#jobsLeft(0) <= 0) this.#patience?.cutOff(this.#now());
      else this.#patience?.lose();
    }
    if (this.#isDone) return { turn: 'never' };
    if (this.#mode === 'stop' && this.#holdings.isHopeless(STOP_TRIES)) return { turn: 'never' };
    this.#tellIdle();
    return this.#later(undefined);
  }

  #isDue({ nextAt }: WorkPart): boolean {
    return this.#mode !== 'stop' && nextAt !== undefined && nextAt <= this.#now();
  }

  /** Parts are run on time, whatever there is room for. */
  #later(nextAt = Number.POSITIVE_INFINITY): Next {
    const now = this.#now();
    const parts = this.#mode === 'stop' ? [] : this.#parts;
    const partsAt = parts.map((part) => part.nextAt ?? nextAt);
    // Its patience is over already while it waits to know what is closed, which wakes it.
    const endAt = (this.#isPatient ? this.#patience?.endsAt : undefined) ?? nextAt;
    const apartAt = this.#apart.nextAt(now) ?? nextAt;
    const mostMs = this.#setup.line.far?.pollMs ?? MAX_PAUSE_MS;
    return { turn: 'later', at: Math.min(nextAt, endAt, apartAt, now + mostMs, ...partsAt) };
  }

  #afterClaim({ jobs, buried, putOff, wentOn, goesOn, nextAt }: ExchangeAnswer): Next {
    const now = this.#now();
    const isFound = jobs.length > 0 || buried !== undefined || putOff !== undefined;
    const brought = isFound || wentOn === true || goesOn === true;
    if (brought) this.#stalls = 0;
    if (nextAt === undefined || nextAt > now) {
      this.#stalls = 0;
      if (this.#isDone) return { turn: 'never' };
      this.#tellIdle();
      return this.#later(nextAt);
    }
    if (brought || this.#parts.some((part) => part.isPromising && this.#isDue(part))) return { turn: 'now' };
    // Something is due that a claim does not bring: a lease that ran out.
    this.#reclaimer.want();
    if (this.#mode === 'drain' && this.#holdings.isEmpty && this.#stalls > 0 && !this.#isPatient)
      return { turn: 'never' };
    const first = this.#stalls++ === 0;
    return { turn: 'later', at: first ? now : now + pauseMs(this.#stalls - 1) };
  }

  #afterFailure(): Next {
    const hopeless = this.#mode === 'stop' && this.#holdings.busy === 0 && this.#failures >= STOP_TRIES - 1;
    return hopeless ? { turn: 'never' } : { turn: 'pause', at: this.#now() + pauseMs(this.#failures++) };
  }

  /** What runs is aborted, as its outcome has nowhere to go; what is held is for other contexts to take back. */
  async #giveUp(): Promise<Next> {
    this.#mode = 'stop';
    this.#holdings.ready.splice(0);
    await this.#runner.abortRunning();
    return { turn: 'never' };
  }

  #tellIdle(): void {
    const { emitter, name } = this.#setup;
    if (this.#holdings.isEmpty && !this.#idle) emitter.emit('queue:idle', { queue: name });
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

  /** It has nothing to ask, with every name closed or all slots taken, and others would take it for gone. */
  get #isUnseen(): boolean {
    return this.#mode === 'work' && Math.abs(this.#now() - this.#seenAt) >= MARKED_EVERY_MS;
  }

  /** How many jobs it may still take; `ending`: held, and on their way to the store. */
  #jobsLeft(ending: number): number {
    const { maxJobs } = this.#setup;
    if (maxJobs === undefined) return Number.POSITIVE_INFINITY;
    const { completed, retried, dead, cancelled } = this.tally;
    const { size, ended } = this.#holdings;
    return maxJobs - completed - retried - dead - cancelled - size - ended.length - ending;
  }

  /** What there is room for; undefined when there is none, or outcomes must arrive first. */
  #claimWanted(ended: readonly Ended[]): ClaimRequest | undefined {
    const { concurrency, leaseMs, shared } = this.#setup;
    const { size, ready } = this.#holdings;
    if (this.#mode === 'stop' || ended.some(goesAlone) || this.#holdings.hasSuspect()) return undefined;
    // Over a wire nothing is claimed ahead: what is claimed begins at once.
    const { far } = this.#setup.line;
    const ahead = far === undefined ? this.#pace.ahead : 0;
    const limit = Math.min(concurrency + ahead - size, this.#jobsLeft(ended.length));
    if (limit <= 0 || ready.length > ahead / 2) return undefined;
    const { names, versions } = openNames(this.#setup, this.#runner, limit);
    return Object.keys(names).length === 0
      ? undefined
      : {
          names,
          limit,
          leaseMs,
          idle: size === 0,
          ...shared,
          ...(far === undefined ? {} : { uses: this.#setup.use.map(({ name }) => name) }),
          ...asksOf(this.#parts, versions),
          ...this.#patience?.asks,
          ...this.#targetsWanted(),
        };
  }

  #targetsWanted(): Pick<ClaimRequest, 'slots' | 'few' | 'lift'> {
    const few = this.#apart.few(this.#now(), (target) => this.#holdings.countTo(target));
    return {
      slots: this.#setup.concurrency,
      ...(few === undefined ? {} : { few }),
      ...(this.#lifts ? { lift: true } : {}),
    };
  }

  #tellError(error: unknown): void {
    this.#setup.emitter.emit('worker:error', { workerId: this.id, error });
  }
}
