import { owner } from '../../core/features/owner/owner.ts';
import { drain, type ExchangeAnswer, type Job, type Worker, work } from '../../core/index.ts';
import { type Feature, streamOf } from '../../core/queue/feature.ts';
import { OF_FLOWS } from '../features/flows.ts';
import { type StoreCalls, storeCalls } from '../store-calls.ts';
import { type Call, describeCall, isIdle } from './call.ts';
import { Caretaker } from './caretaker.ts';
import { Chaos } from './chaos.ts';
import { Clearing } from './clearing.ts';
import { Context, type Running } from './context.ts';
import { Effects, OVERLAP_AFTER_MS } from './effects.ts';
import { chooseFaults, type FaultKind, isSteady } from './faults.ts';
import { HintNetwork, hintOf } from './hint-network.ts';
import { Journal } from './journal.ts';
import { LeavingRules } from './leaving-rules.ts';
import { Ledger } from './ledger.ts';
import { Liveness } from './liveness.ts';
import { describePart, FEATURES, nextPart, type Part, partWithout, useOf, wholePart } from './part.ts';
import { nextPassage } from './passage.ts';
import { nextKeepRules, nextQueueOptions, type SimulatedQueueOptions } from './queue-options.ts';
import { Random } from './random.ts';
import { Servers } from './servers.ts';
import type { SimulationSetup } from './setup.ts';
import { simulatedStore } from './simulated-store.ts';
import { Standing } from './standing.ts';
import { Timeline } from './timeline.ts';
import type { World } from './world.ts';

export const QUEUE = 'simulated';
const CONTEXTS = 3;
const RELEASES = 3;
const WATCH_MS = 5_000;
/** All that was accepted must end within so much virtual time after the last fault. */
const CALM_MS = 12 * 3_600_000;
const CALM_STEPS = 60_000;
/** More than a stopping worker tries to reach its store, less than it sleeps. */
const STOP_MS = 10_000;

/** One run: contexts that work a queue over one store, while commands and faults befall them, then a calm in which all must end. */
export class Simulation implements World {
  readonly timeline: Timeline;
  readonly journal: Journal;
  readonly contexts: Context[] = [];
  readonly enabled: ReadonlySet<FaultKind>;
  readonly setup: SimulationSetup;
  readonly hints: HintNetwork;
  readonly servers: Servers;
  readonly standing: Standing;
  readonly clearing: Clearing;
  ledger!: Ledger;
  /** Nothing more is done to the world. */
  calm = false;
  /** Until when the disk is full, on the timeline. */
  quotaUntil = 0;
  release = 1;
  #observer!: StoreCalls;
  #effects!: Effects;
  #liveness!: Liveness;
  #caretaker!: Caretaker;
  /** Of the feature that deploys take away. */
  #left: LeavingRules | undefined;
  /** All clocks go alike, and calls arrive at once. */
  #steady = false;
  #born = 0;
  /** It is over: nobody comes in place of those that end. */
  #isClosing = false;
  /** Contexts that are starting again. */
  #starting = 0;
  /** Contexts that close, for one of the next release to take their place. */
  readonly #leaving = new Set<Context>();
  /** Crashed workers are proven gone at once, living ones proven alive, as Web Locks do. */
  readonly #locks: boolean;
  readonly #queueOptions: SimulatedQueueOptions;
  /** Every feature, as all contexts of the run would have it. */
  readonly #whole: Part;
  /** A feature that releases after the first do not have, nor anybody in the calm. */
  readonly taken: string | undefined;
  /** What contexts have in the calm. */
  readonly #last: Part;
  /** Contexts have different parts of that. */
  readonly #isMixed: boolean;
  /** By the name of a context that there is, or was. */
  readonly #parts = new Map<string, Part>();
  readonly #gone = new Set<string>();

  constructor(setup: SimulationSetup) {
    this.setup = setup;
    const swarm = this.random('swarm');
    this.enabled = chooseFaults(swarm, setup.faults);
    this.#locks = swarm.chance(0.5);
    this.#queueOptions = nextQueueOptions(swarm);
    const { maxActive, drops } = this.#queueOptions;
    const limits = { byName: setup.workload.limits ?? {}, ...(maxActive === undefined ? {} : { maxActive }) };
    this.#whole = wholePart({ limits, keep: nextKeepRules(swarm), drops });
    const mixed = this.random('fewer features');
    this.#isMixed = setup.workload.fewer === true && mixed.chance(0.7);
    this.taken = this.#isMixed && mixed.chance(0.5) ? mixed.pick(FEATURES) : undefined;
    this.#last = partWithout(this.#whole, this.taken);
    this.timeline = new Timeline(this.random('order'));
    this.journal = new Journal(this.timeline);
    this.hints = new HintNetwork(this);
    this.servers = new Servers(this.timeline, this.random('servers'));
    this.clearing = new Clearing((rule, text) => this.journal.fail(rule, text));
    this.standing = new Standing(this.timeline, this.random('standing'));
  }

  get #owners(): readonly Feature[] {
    const { owner: who } = this.#queueOptions;
    return who === undefined ? [] : [owner(who)];
  }

  /** The queue as its store knows it. */
  get stream(): string {
    return streamOf(QUEUE, this.#owners);
  }

  /** A stream of its own for each purpose: without one fault, the others stay as they were. */
  random(purpose: string): Random {
    return new Random(`${this.setup.seed} ${purpose}`);
  }

  readonly #complain = (rule: string, text: string): void => this.journal.fail(rule, text);

  async run(): Promise<void> {
    try {
      await this.#begin();
      await this.#go(() => this.timeline.steps >= this.setup.steps);
      await this.#calmDown();
    } catch (error) {
      this.journal.fail(
        'no exception',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    } finally {
      await this.setup.harness.dispose();
    }
  }

  async #begin(): Promise<void> {
    this.#observer = storeCalls(await this.setup.harness.open());
    const known = {
      partOf: (context: string) => this.#parts.get(context) ?? this.#whole,
      elapsed: () => this.timeline.elapsed,
    };
    this.ledger = new Ledger(this.#observer, this.stream, known, this.#complain);
    // A call that is under way for seconds is, to the store, one from a clock that was set back.
    this.#steady = isSteady(this.enabled);
    this.#effects = new Effects(this, this.timeline, this.#steady, this.#complain);
    this.#liveness = new Liveness(this, this.#effects, this.#complain);
    this.#caretaker = new Caretaker(this, this.#observer, this.stream);
    if (this.taken !== undefined)
      this.#left = new LeavingRules(await this.setup.harness.open(), this.stream, this.taken, this.#complain);
    for (let i = 0; i < CONTEXTS; i++) await this.start();
    new Chaos(this).begin();
    await this.#watch();
  }

  async #watch(): Promise<void> {
    this.#liveness.look();
    if (this.calm) await this.#left?.look(this.ledger.snapshot, this.contexts[0]?.environment.now() ?? 0);
    if (this.calm) await this.#caretaker.look();
    this.timeline.after(WATCH_MS, () => this.#watch());
  }

  /** The longest wait for a probe. */
  get probeMaxMs(): number {
    return this.#queueOptions.probeMaxMs;
  }

  #nextPart(name: string, release: number): Part {
    if (!this.#isMixed) return this.#whole;
    const part = nextPart(this.random(`features of ${name}`), this.#whole);
    return release > 1 ? this.#lasting(part) : part;
  }

  /** Of the part what a deploy does not take away. */
  #lasting(part: Part): Part {
    return part === this.#whole ? this.#last : partWithout(part, this.taken);
  }

  /** Goes on until it is over, or something is violated. */
  async #go(isOver: () => boolean): Promise<void> {
    while (this.journal.violation === undefined && !isOver()) {
      await this.timeline.step();
      const wrong = this.setup.workload.check?.(this.ledger.completed);
      if (wrong !== undefined) this.#complain('check', wrong);
    }
  }

  async start(release = this.release, has?: Part): Promise<Context> {
    this.#born += 1;
    const name = `c${this.#born}`;
    const part = has ?? this.#nextPart(name, release);
    this.#parts.set(name, part);
    const context = new Context({
      name,
      release,
      part,
      timeline: this.timeline,
      random: this.random(`timers of ${name}`),
      servers: this.servers,
      crash: (crashed) => this.crash(crashed, `${crashed.name}!`, 'crashes itself'),
    });
    const store = simulatedStore(await this.setup.harness.open(), {
      timeline: this.timeline,
      life: context.life,
      standing: this.standing,
      context: name,
      passage: (method, request) => nextPassage(this, context, method, request),
      crash: () => this.crash(context, `${name}#${context.calls}`, 'crashes at a call'),
      onApplied: (call) => this.#enter(context, call),
      proofs: this.#locks ? () => this.#proofs() : undefined,
      now: () => context.environment.now(),
      onHint: (listener) => this.hints.listen(context, listener),
      onNotice: (listener) => {
        context.notices.add(listener);
        return () => context.notices.delete(listener);
      },
      onCall: () => this.#tellLost(context),
      onAnswered: (method, answer) => {
        if (method === 'exchange') this.#effects.checkFallen(context, answer as ExchangeAnswer);
      },
      onBlocked: (waitedMs) => this.#block(context, waitedMs),
    });
    context.disturb(this.standing.leftMs);
    const { maxActive: _, owner: __, drops: _drops, ...options } = this.#queueOptions;
    const use = [...useOf(part), ...this.#owners];
    const { workload } = this.setup;
    const work = { jobs: workload.jobs(context), gates: workload.gates?.(context) ?? {} };
    context.open(QUEUE, work, store, { ...options, use });
    this.#effects.listen(context);
    this.contexts.push(context);
    this.journal.tell(name, `starts, release ${release}${describePart(part, this.#whole)}`);
    this.work(context);
    return context;
  }

  work(context: Context): void {
    const random = this.random(`worker of ${context.name} at ${this.timeline.steps}`);
    const concurrency = random.between(1, 4);
    context.worker = work(context.queue, this.#watched(context, context.running, concurrency), {
      concurrency,
      leaseMs: random.pick([2_000, 10_000, 30_000]),
      timeoutGraceMs: 1_000,
      overlapAfterMs: OVERLAP_AFTER_MS,
    });
    context.disturb();
  }

  async drain(context: Context): Promise<void> {
    const running: Running = new Set();
    const concurrency = 4;
    const options = {
      concurrency,
      deadlineMs: 10_000,
      leaseMs: 5_000,
      timeoutGraceMs: 1_000,
      overlapAfterMs: OVERLAP_AFTER_MS,
    };
    await drain(context.queue, this.#watched(context, running, concurrency), options);
    this.#effects.checkEnded(context, running);
  }

  #watched(context: Context, running: Running, slots: number) {
    return this.#effects.watch(context, this.setup.workload.handlers(context), running, slots);
  }

  /** Stops the worker: whoever is well does that in time. */
  async stop(context: Context, worker: Worker, graceMs: number): Promise<void> {
    const { elapsed } = this.timeline;
    const { running } = context;
    context.worker = undefined;
    context.running = new Set();
    await worker.stop({ graceMs });
    this.#effects.checkEnded(context, running);
    const tookMs = this.timeline.elapsed - elapsed;
    if (context.healthySince <= elapsed && this.quotaUntil <= elapsed && tookMs > graceMs + STOP_MS)
      this.#complain(
        'stopping ends',
        `${context.name} took ${tookMs} ms to stop with a grace of ${graceMs} ms`,
      );
  }

  /** Ends a context without a word; another starts a little later. */
  crash(context: Context, id: string, what: string): void {
    if (context.life.state === 'dead') return;
    this.journal.fault(id, 'crash', context.name, what);
    this.#remove(context);
    this.#leaving.delete(context);
    for (const workerId of context.workerIds) this.#gone.add(workerId);
    if (this.#locks) for (const other of this.contexts) this.hints.tell(other, 'gone');
    const wait = this.random(`restart of ${context.name}`).spread(2_000);
    this.#starting += 1;
    this.timeline.after(wait, async () => {
      this.#starting -= 1;
      // In the calm each release is needed, with all features: jobs that later ones renamed are its alone.
      await (this.calm ? this.start(context.release, this.#lasting(context.part)) : this.start());
    });
  }

  #remove(context: Context): void {
    context.life.state = 'dead';
    this.contexts.splice(this.contexts.indexOf(context), 1);
    this.hints.forget(context);
  }

  /** Stops a context as a deploy does; one of the next release takes its place. */
  async redeploy(context: Context): Promise<void> {
    this.release = Math.min(RELEASES, this.release + 1);
    this.#leaving.add(context);
    await context.queue.close({ graceMs: 100 });
    if (context.life.state === 'dead') return;
    this.#effects.checkClosed(context);
    if (this.#isClosing) return;
    this.#remove(context);
    await this.start();
    this.#leaving.delete(context);
  }

  /** The store has given a call of the context up, and says so. */
  #block(context: Context, waitedMs: number): void {
    this.journal.tell(context.name, `is told that its store stands still`);
    this.#effects.checkTold(context, 'store:blocked', () => {
      for (const listener of context.notices) listener({ kind: 'blocked', waitedMs });
    });
  }

  /** All that is stored is gone, under open queues. */
  async clearData(): Promise<void> {
    await this.setup.harness.clear?.();
    const next = await this.ledger.successor();
    this.clearing.enter(this.ledger, next.snapshot, this.contexts);
    this.ledger = next;
    this.#effects.forget();
    this.#liveness.forget();
    for (const context of this.contexts) context.disturb();
  }

  /** Who uses a store that was cleared hears of it. */
  #tellLost(context: Context): void {
    if (!this.clearing.isUnaware(context) || context.life.state === 'dead') return;
    this.journal.tell(context.name, 'is told that what was stored is gone');
    this.clearing.tell(context, () =>
      this.#effects.checkTold(context, 'store:lost', () => {
        for (const listener of context.notices) listener({ kind: 'lost' });
      }),
    );
  }

  async #enter(context: Context, call: Call): Promise<void> {
    this.journal.tell(call.context, describeCall(call));
    if (call.method === 'exchange') this.#noteWorker(context, call);
    if (call.method === 'exchange' && call.error === undefined)
      this.clearing.give(
        context,
        call.answer.jobs.map(({ job }) => job.id),
      );
    if (call.method === 'exchange' && call.error === undefined) this.#effects.checkGivenBack(call);
    if (call.method === 'reclaim' && call.error === undefined) this.#liveness.checkReclaimed(call);
    const { snapshot } = this.ledger;
    const { inOrder } = this.ledger.circumstances(call.now, call.context);
    await this.ledger.enter(call);
    if (call.method === 'abandon' && call.error === undefined) this.#left?.enter(call, this.ledger.snapshot);
    this.#liveness.noteShortened(snapshot, inOrder);
    if (call.method === 'exchange' && call.error === undefined) this.#effects.checkSettled(call);
    const wrong = isIdle(call) ? [] : await this.setup.harness.audit?.(this.stream);
    // Step by step they are abandoned.
    const isLeaving = this.calm && this.taken === 'flows';
    for (const text of wrong ?? []) if (!(isLeaving && text.endsWith(OF_FLOWS))) this.#complain('rows', text);
    const hint = hintOf(call);
    if (hint !== undefined)
      for (const other of this.contexts) if (other !== context) this.hints.send(other, hint);
  }

  #noteWorker(context: Context, { request }: Extract<Call, { method: 'exchange' }>): void {
    context.workerIds.add(request.workerId);
    if (context.life.state === 'dead') this.#gone.add(request.workerId);
  }

  #proofs() {
    const alive = this.contexts.flatMap(({ workerIds }) => [...workerIds]);
    return { goneWorkers: [...this.#gone], aliveWorkers: alive };
  }

  /** The world is well again: whatever was accepted must end now. */
  async #calmDown(): Promise<void> {
    if (this.journal.violation !== undefined) return;
    this.calm = true;
    this.journal.tell('·', 'calm');
    this.quotaUntil = 0;
    await this.standing.end();
    this.servers.heal();
    for (const context of this.contexts) context.heal();
    for (const context of [...this.contexts])
      if (context.features.has(this.taken ?? ''))
        this.crash(context, `${context.name}-`, `ends, and ${this.taken} with it`);
    for (let release = 1; release <= RELEASES; release++)
      if (!this.contexts.some((context) => context.release === release && this.#isWhole(context)))
        await this.start(release, this.#last);
    const end = this.timeline.elapsed + CALM_MS;
    const steps = this.timeline.steps + CALM_STEPS;
    const { batches } = this.ledger;
    const isDone = () =>
      this.#live().length === 0 &&
      this.#starting + this.#leaving.size === 0 &&
      batches.isDone &&
      batches.open.length === 0 &&
      this.ledger.isHeard;
    await this.#go(() => isDone() || this.timeline.elapsed > end || this.timeline.steps > steps);
    for (const job of this.#live())
      this.#complain('all that was accepted ends', `${job.id} (${job.name}) is ${job.state}`);
    if (!this.ledger.isHeard) this.#complain('what is owed is heard', 'nobody has heard of some ends');
    if (!batches.isDone) this.#complain('batches', 'one that is over has not brought its last job');
    await this.#left?.checkGone(this.contexts[0]?.environment.now() ?? 0);
    await this.#close();
  }

  #isWhole({ part, worker }: Context): boolean {
    return part === this.#last && worker !== undefined;
  }

  #live(): Job[] {
    return [...this.ledger.snapshot.jobs.values()].filter(
      ({ state }) => state === 'pending' || state === 'active',
    );
  }

  /** Idle costs nothing: closed contexts have no timer, and those that wait have one. */
  async #close(): Promise<void> {
    this.#isClosing = true;
    let open = this.contexts.length;
    for (const { queue } of [...this.contexts])
      void queue.close({ graceMs: 0 }).then(() => {
        open -= 1;
      });
    const steps = this.timeline.steps + CALM_STEPS;
    await this.#go(() => open === 0 || this.timeline.steps > steps);
    if (open > 0) this.#complain('closing ends', `${open} queues are not closed`);
    for (const context of this.contexts) this.#effects.checkClosed(context);
  }
}
