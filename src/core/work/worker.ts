import type { ClaimedJob, ClaimRequest, ExchangeAnswer, ExchangeRequest } from '../kernel/messages.ts';
import type { Hint } from '../kernel/store.ts';
import { MARKED_EVERY_MS } from '../kernel/worked.ts';
import type { HeldJob } from '../queue/emitter.ts';
import { Latch } from '../queue/latch.ts';
import type { Runs } from '../queue/part.ts';
import { MAX_PAUSE_MS, pauseMs } from '../queue/pause.ts';
import { isHopeless } from '../queue/refusal.ts';
import { closedBy } from '../queue/worker-hooks.ts';
import { Asking } from './asking.ts';
import { type Attempt, goesAlone } from './attempt.ts';
import { beat } from './beat.ts';
import { Hearsay } from './hearsay.ts';
import { Heartbeat } from './heartbeat.ts';
import { exchanging } from './lease-operations.ts';
import { arrivals } from './missed.ts';
import { notArrived } from './not-arrived.ts';
import { Patience } from './patience.ts';
import { proveLife } from './proof-of-life.ts';
import { Reclaimer } from './reclaimer.ts';
import { frees, newTally, reportAll } from './report.ts';
import { Runner } from './runner.ts';
import type { Drained } from './worker-options.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** Waking this much later than planned, or a third of a lease, means that the machine slept or the page was frozen. */
const LATE_MS = 5_000;
/** A stopping worker that runs nothing gives up on a store that failed this often in a row: the leases then run out. */
const STOP_TRIES = 5;

/** `turning`: at once. `asleep`: until the instant, or woken. `paused`: until the instant, or stopped. `over`: the loop is. */
type Next =
  | { readonly state: 'turning' | 'over' }
  | { readonly state: 'asleep' | 'paused'; readonly until: number };

/**
 * The loop of one worker: settle what ended and claim what is due, in one exchange; start handlers; sleep until the next
 * instant worth waking, or a hint. One exchange is under way at a time; handlers run meanwhile.
 *
 *        ┌──────────── more to settle or to claim ───────────┐
 *        ▼                                                    │
 *     turning ──▶ exchanging ──▶ what came of it is started ──┤
 *      │  ▲                         │                         │ stopped or drained, and nothing is held
 *      │  └── woken, or in time ── asleep                     ▼
 *      ▼                                                     over
 *    paused: the store failed. Until the instant, or stopped; given up: over
 */
export class WorkLoop {
  readonly id: string;
  /** What its jobs have come to so far. */
  readonly tally = newTally();
  readonly #setup: WorkerSetup;
  readonly #runner: Runner;
  readonly #heartbeat: Heartbeat;
  readonly #reclaimer: Reclaimer;
  readonly #asking: Asking;
  readonly #hearsay = new Hearsay();
  readonly #latch: Latch;
  /** Where it waits for a store that fails: only a stop wakes it. */
  readonly #pause: Latch;
  #mode: 'work' | 'drain' | 'stop';
  /** Turns in a row that failed. */
  #failures = 0;
  /** Turns in a row that did not bring what was promised. */
  #stalls = 0;
  #state: Next['state'] | 'exchanging' = 'turning';
  /** An exchange failed: it may have brought jobs that this worker never heard of. */
  #inDoubt = false;
  /** It was told that nothing is held. */
  #isIdle = false;
  /** When it last left a mark of what it runs, see `worked.ts`. */
  #seenAt = Number.NEGATIVE_INFINITY;
  /** Of a drain: what it waits for, and what it leaves. */
  readonly #patience: Patience | undefined;
  readonly #cancelGraces: (() => void)[] = [];

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
    this.#reclaimer = new Reclaimer(setup);
    this.#runner = new Runner(setup, {
      wake: () => this.#latch.wake(),
      extendAll: () => this.#heartbeat.now(),
      isUnsure: (now) => this.#hearsay.isOpen || this.#heartbeat.isUnsureAt(now),
      isExchanging: () => this.#state === 'exchanging',
    });
    this.#asking = new Asking(setup, this.id, this.#runner, mode, this.#patience?.asks, (error) =>
      this.#tellError(error),
    );
    this.#heartbeat = new Heartbeat({
      environment,
      leaseMs,
      isNeeded: () => !this.#attempts.isEmpty,
      beat: () => this.#beat(),
      onSure: () => this.#runner.startReady(),
    });
  }

  get #attempts() {
    return this.#runner.attempts;
  }

  #now(): number {
    return this.#setup.environment.now();
  }

  async #beat(): Promise<boolean> {
    const { mark } = this.#hearsay;
    try {
      await beat(this.#setup, this.id, this.#runner);
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
    while (this.#state !== 'over') {
      const next = await this.#turn();
      this.#state = next.state;
      if (next.state === 'asleep') await this.#sleep(next.until);
      if (next.state === 'paused') await this.#sleep(next.until, this.#pause);
    }
    this.#patience?.over(this.#now());
    this.#heartbeat.stop();
    this.#runner.close();
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
    this.#asking.lift(this.#now());
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
    if (isStored && this.#state === 'exchanging') this.#hearsay.hear();
    this.#latch.wake();
  }

  /** What it has claimed and not settled. */
  held(): HeldJob[] {
    return this.#attempts.jobs();
  }

  /** It was stopped or is to drain, and nothing is left for it to do. What may yet turn out to be open counts. */
  get #isDone(): boolean {
    if (!this.#attempts.isEmpty) return false;
    if (this.#jobsLeft <= 0) return true;
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
    if (this.#state === 'over') return;
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
    if (!this.#attempts.isEmpty) this.#patience?.cutOff(this.#now());
    this.#runner.giveBack();
    this.#attempts.hurry(this.#now());
  }

  async #turn(): Promise<Next> {
    try {
      const awake = this.#untilAwake();
      if (awake !== undefined) await awake;
      if (this.#heartbeat.isLate(this.#lateMs) || this.#heartbeat.isUnsure) await this.#catchUp();
      if (this.#mode !== 'stop' && !this.#heartbeat.isUnsure)
        await this.#reclaimer.run(this.#mode === 'work');
      if (this.#mode !== 'stop') await this.#asking.runParts(this.#now());
      const sent = this.#attempts.send(this.#now());
      const claim = this.#asking.claim(sent, this.#mode === 'stop' ? 0 : this.#jobsLeft);
      if (sent.length === 0 && claim === undefined && !this.#isUnseen) return this.#withoutClaim();
      return await this.#exchange(sent, claim);
    } catch (error) {
      this.#tellError(error);
      if (isHopeless(error)) return await this.#giveUp();
      return notArrived(this.#attempts, error, this.#now()) ? { state: 'turning' } : this.#afterFailure();
    }
  }

  /** A frozen page begins nothing, and a prerendered one does not work. A stop does not wait for that. */
  #untilAwake(): Promise<void> | undefined {
    const asleep = this.#mode === 'stop' ? undefined : this.#setup.line.untilAwake?.('work');
    void asleep?.then(() => this.#pause.wake());
    return asleep && this.#pause.sleep();
  }

  async #exchange(sent: readonly Attempt[], claim: ClaimRequest | undefined): Promise<Next> {
    const { run, environment } = this.#setup;
    const at = environment.now();
    const request = this.#asking.exchange(sent, claim, this.#inDoubt, at);
    const { mark } = this.#hearsay;
    this.#inDoubt = true;
    this.#state = 'exchanging';
    const answer = await run<ExchangeRequest, ExchangeAnswer>(exchanging, request).finally(() => {
      this.#state = 'turning';
    });
    this.#inDoubt = answer.missed !== undefined;
    const { ended, settled, kept } = arrivals(sent, answer);
    this.#attempts.again(kept, 'repeated', at);
    if (!answer.unseen) this.#seenAt = at;
    this.#failures = 0;
    this.#hearsay.checked(mark);
    // A heartbeat that went beside it did not ask about what it brings.
    if (answer.jobs.length > 0 && this.#hearsay.mark > mark) this.#hearsay.hear();
    this.#runner.settled(ended);
    this.#runner.giveBackIds(answer.goBack ?? []);
    if (answer.jobs.length > 0) this.#heartbeat.claimed(at, this.#attempts.isEmpty);
    this.#asking.heard(answer, claim, ended, at);
    reportAll(this.#setup.emitter, this.tally, answer, ended, settled);
    if (frees(answer, ended)) this.#setup.onFreed(answer.outage?.closed.length ? 'cancel' : 'work');
    this.#begin(answer.jobs);
    this.#runner.settleSoon();
    this.#heartbeat.adjust();
    await environment.yield();
    if (claim !== undefined) {
      this.#patience?.heard(answer, this.#now(), this.#attempts.isEmpty);
      return this.#afterClaim(answer);
    }
    // Now that they have arrived, the others and the claim follow: what kept a name closed may have been a hold that the store has by now.
    const isMore = ended.some((one) => goesAlone(one) || one.endHold !== undefined);
    return isMore ? { state: 'turning' } : this.#withoutClaim();
  }

  #begin(jobs: readonly ClaimedJob[]): void {
    if (this.#mode !== 'stop') this.#runner.take(jobs);
    else if (jobs.length > 0) {
      // It was stopped while they were claimed.
      this.#patience?.cutOff(this.#now());
      this.#runner.takeBack(jobs);
    }
  }

  /** There is no room, or every name is closed. */
  #withoutClaim(): Next {
    if (this.#mode === 'drain' && this.#attempts.isEmpty) {
      if (this.#jobsLeft <= 0) this.#patience?.cutOff(this.#now());
      else this.#patience?.lose();
    }
    if (this.#isDone) return { state: 'over' };
    if (this.#mode === 'stop' && this.#attempts.isHopeless(STOP_TRIES)) return { state: 'over' };
    this.#tellIdle();
    return this.#later(undefined);
  }

  /** Parts are run on time, whatever there is room for. */
  #later(nextAt = Number.POSITIVE_INFINITY): Next {
    const now = this.#now();
    // Its patience is over already while it waits to know what is closed, which wakes it.
    const endAt = (this.#isPatient ? this.#patience?.endsAt : undefined) ?? nextAt;
    const askAt = this.#asking.nextAt(now, this.#mode !== 'stop') ?? nextAt;
    const againAt = this.#attempts.againAt(now) ?? nextAt;
    const mostMs = this.#setup.line.far?.pollMs ?? MAX_PAUSE_MS;
    return { state: 'asleep', until: Math.min(nextAt, endAt, askAt, againAt, now + mostMs) };
  }

  #afterClaim({ jobs, buried, putOff, wentOn, goesOn, nextAt }: ExchangeAnswer): Next {
    const now = this.#now();
    const isFound = jobs.length > 0 || buried !== undefined || putOff !== undefined;
    const brought = isFound || wentOn === true || goesOn === true;
    if (brought) this.#stalls = 0;
    if (nextAt === undefined || nextAt > now) {
      this.#stalls = 0;
      if (this.#isDone) return { state: 'over' };
      this.#tellIdle();
      return this.#later(nextAt);
    }
    if (brought || (this.#mode !== 'stop' && this.#asking.isPromising(now))) return { state: 'turning' };
    // Something is due that a claim does not bring: a lease that ran out.
    this.#reclaimer.want();
    if (this.#mode === 'drain' && this.#attempts.isEmpty && this.#stalls > 0 && !this.#isPatient)
      return { state: 'over' };
    const first = this.#stalls++ === 0;
    return { state: 'asleep', until: first ? now : now + pauseMs(this.#stalls - 1) };
  }

  #afterFailure(): Next {
    const hopeless = this.#mode === 'stop' && this.#attempts.busy === 0 && this.#failures >= STOP_TRIES - 1;
    return hopeless ? { state: 'over' } : { state: 'paused', until: this.#now() + pauseMs(this.#failures++) };
  }

  /** What runs is aborted, as its outcome has nowhere to go; what is held is for other contexts to take back. */
  async #giveUp(): Promise<Next> {
    this.#mode = 'stop';
    this.#attempts.loseReady(() => true);
    await this.#runner.abortRunning();
    return { state: 'over' };
  }

  #tellIdle(): void {
    const { emitter, name } = this.#setup;
    if (this.#attempts.isEmpty && !this.#isIdle) emitter.emit('queue:idle', { queue: name });
    this.#isIdle = this.#attempts.isEmpty;
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

  /** How many jobs it may still take. */
  get #jobsLeft(): number {
    const { maxJobs } = this.#setup;
    if (maxJobs === undefined) return Number.POSITIVE_INFINITY;
    const { completed, retried, dead, cancelled } = this.tally;
    return maxJobs - completed - retried - dead - cancelled - this.#attempts.count;
  }

  #tellError(error: unknown): void {
    this.#setup.emitter.emit('worker:error', { workerId: this.id, error });
  }
}
