import {
  batch,
  cancel,
  clear,
  enqueueFlow,
  enqueueMany,
  type Hint,
  hold,
  pause,
  prune,
  redrive,
  remove,
  resume,
  retryNow,
  type Worker,
} from '../../core/index.ts';
import type { Context } from './context.ts';
import { type Command, eventWeights, type FaultKind } from './faults.ts';
import type { HintNetwork } from './hint-network.ts';
import type { Random } from './random.ts';
import { changeSchedule, SCHEDULES } from './schedule-changes.ts';
import { HOSTS, TROUBLES } from './servers.ts';
import type { Wanted } from './workload.ts';
import type { World } from './world.ts';

/** Mean virtual ms between two events: some seeds are busy, some have time to sleep. */
const PACES_MS = [30, 300, 3_000];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** What only workloads are for that say so. */
const TYING: readonly Command[] = ['flow', 'wait', 'batch'];

const STEERING = { cancel, redrive, remove };

type Kind = Exclude<FaultKind, 'error' | 'slow'> | Command;

/** The world, and what can be done to it. */
interface Stage extends World {
  readonly hints: HintNetwork;
  /** The queue as its store knows it. */
  readonly stream: string;
  quotaUntil: number;
  work(context: Context): void;
  drain(context: Context): Promise<void>;
  stop(context: Context, worker: Worker, graceMs: number): Promise<void>;
  crash(context: Context, id: string, what: string): void;
  redeploy(context: Context): Promise<void>;
  clearData(): Promise<void>;
}

/** Does to the world, event by event, what users and fate do. */
export class Chaos {
  readonly #stage: Stage;
  readonly #paceMs: number;
  readonly #weights: Record<string, number>;
  #events = 0;
  /** Ids given to what is enqueued while the store stands still. */
  #named = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#paceMs = stage.random('pace').pick(PACES_MS);
    this.#weights = eventWeights(stage.enabled);
    if (!stage.setup.workload.clears || !stage.setup.harness.clear) delete this.#weights.cleared;
    if (!stage.setup.harness.breakPayload) delete this.#weights.unreadable;
    if (!stage.setup.workload.ties) for (const kind of TYING) delete this.#weights[kind];
  }

  begin(): void {
    const { timeline } = this.#stage;
    const id = `e${++this.#events}`;
    const random = this.#stage.random(id);
    timeline.after(random.spread(this.#paceMs), async () => {
      if (this.#stage.calm) return;
      if (!this.#stage.setup.without.has(id)) await this.#happen(id, random);
      this.begin();
    });
  }

  #happen(id: string, random: Random): void | Promise<void> {
    const up = this.#stage.contexts.filter(({ isUp }) => isUp);
    if (up.length === 0) return;
    const context = random.pick(up);
    const kind = random.weighted(this.#weights) as Kind;
    const note = (what?: string) => this.#stage.journal.fault(id, kind, context.name, what);
    return this.#acts[kind](context, random, note, id);
  }

  readonly #acts: Record<
    Kind,
    (context: Context, random: Random, note: (what?: string) => void, id: string) => void | Promise<void>
  > = {
    enqueue: (context, random, note) => {
      note();
      this.#enqueue(context, [this.#stage.setup.workload.next(random, context)]);
    },
    enqueueMany: (context, random, note) => {
      note();
      const { workload } = this.#stage.setup;
      this.#enqueue(
        context,
        Array.from({ length: random.between(2, 12) }, () => workload.next(random, context)),
      );
    },
    cancel: (context, random, note) => this.#steer('cancel', context, random, note),
    redrive: (context, random, note) => this.#steer('redrive', context, random, note),
    retryNow: (context, random, note) => this.#retryNow(context, random, note),
    remove: (context, random, note) => this.#steer('remove', context, random, note),
    prune: (context, _random, note) => {
      note();
      this.#let(prune(context.queue));
    },
    pause: (context, random, note) => {
      const name = random.chance(0.5) ? random.pick(Object.keys(context.jobs)) : undefined;
      note(`pause ${name ?? 'all'}`);
      this.#let(pause(context.queue, name));
      const { timeline } = this.#stage;
      timeline.after(random.spread(3_000), () => this.#let(resume(context.queue, name)), context.life);
    },
    clear: (context, random, note) => {
      const filter = random.chance(0.5) ? { tag: 't' } : { name: random.pick(Object.keys(context.jobs)) };
      note(`clear ${JSON.stringify(filter)}`);
      this.#let(clear(context.queue, filter));
    },
    flow: (context, random, note) => {
      if (!context.features.has('flows')) return;
      const steps = Array.from({ length: random.between(2, 6) }, (_, i) => {
        const earlier = Array.from({ length: i }, (_each, j) => `s${j}`).filter(() => random.chance(0.4));
        return [`s${i}`, this.#waiting(context, random, earlier)] as const;
      });
      note(`flow of ${steps.length}`);
      this.#let(enqueueFlow(context.queue, Object.fromEntries(steps) as never), REFUSED);
    },
    wait: (context, random, note) => {
      if (!context.features.has('flows')) return;
      const ids = [...this.#stage.ledger.snapshot.jobs.keys()];
      if (ids.length === 0) return;
      const others = Array.from({ length: random.between(1, 3) }, () => random.pick(ids));
      note(`enqueue behind ${others}`);
      this.#let(enqueueMany(context.queue, [this.#waiting(context, random, others)] as never), REFUSED);
    },
    batch: (context, random, note, id) => {
      if (!context.features.has('flows')) return;
      note();
      this.#let(this.#batch(context, random, id), REFUSED);
    },
    hold: (context, random, note) => {
      const name = random.pick(Object.keys(context.jobs));
      note(`hold ${name}`);
      // An instant that somebody names is taken from a calendar, not from a clock that is wrong: it would stay.
      const { environment, clockMs } = context;
      this.#let(hold(context.queue, name, environment.now() - clockMs + random.spread(5_000)));
    },
    schedule: (context, random, note) => {
      if (!context.features.has('schedules')) return;
      const id = random.pick(SCHEDULES);
      note(`schedule ${id}`);
      this.#let(changeSchedule(this.#stage, id, context, random));
    },
    gate: (context, random, note) => {
      note('gate closes');
      context.setGate(false);
      this.#stage.timeline.after(random.spread(5_000), () => context.setGate(true), context.life);
    },
    stop: (context, random, note) => {
      const { worker } = context;
      if (worker === undefined) return;
      note('worker stops');
      this.#let(
        this.#stage.stop(context, worker, random.pick([0, 500, 5_000])).then(() => {
          if (context.isUp && context.worker === undefined) this.#stage.work(context);
        }),
      );
    },
    drain: (context, _random, note) => {
      note();
      this.#let(this.#stage.drain(context));
    },
    crash: (context, _random, _note, id) => this.#stage.crash(context, id, 'crashes'),
    freeze: (context, random, note) => {
      const ms = random.spread(20_000);
      note(`freezes for ${ms} ms`);
      context.life.state = 'frozen';
      this.#stage.timeline.after(ms, () => {
        if (context.life.state !== 'frozen') return;
        this.#stage.journal.tell(context.name, 'thaws');
        context.disturb();
        this.#stage.timeline.thaw(context.life);
      });
    },
    clock: (context, random, note) => {
      const ms = random.pick([-1, 1]) * random.pick([1_500, 10_000, 60_000, HOUR_MS, DAY_MS, YEAR_MS]);
      const jump = (byMs: number) => {
        context.clockMs += byMs;
        for (const each of this.#stage.contexts) each.disturb();
      };
      note(`clock jumps by ${ms} ms`);
      jump(ms);
      if (random.chance(0.5)) return;
      this.#stage.timeline.after(
        random.spread(30_000),
        () => {
          // In the calm all clocks are right.
          if (this.#stage.calm) return;
          this.#stage.journal.tell(context.name, 'has its clock set right');
          jump(-ms);
        },
        context.life,
      );
    },
    outage: (context, random, note) => {
      const ms = random.spread(5_000);
      note(`has no store for ${ms} ms`);
      context.outageUntil = this.#stage.timeline.elapsed + ms;
      context.disturb(ms);
    },
    stand: (_context, random, note) => {
      const ms = random.spread(random.pick([3_000, 15_000, 60_000]));
      note(`the store stands still for ${ms} ms`);
      this.#stage.standing.begin(ms);
      for (const each of this.#stage.contexts) each.disturb(ms);
    },
    server: (_context, random, note) => {
      const host = random.pick(['synced', ...HOSTS]);
      const trouble = random.pick(TROUBLES);
      const ms = random.spread(random.pick([5_000, 60_000, HOUR_MS]));
      note(`server ${host}: ${trouble} for ${ms} ms`);
      this.#stage.servers.befall(host, trouble, ms);
    },
    offline: (context, random, note) => {
      const ms = random.spread(random.pick([5_000, 60_000]));
      note(`has no network for ${ms} ms`);
      context.offlineUntil = this.#stage.timeline.elapsed + ms;
      this.#stage.timeline.after(ms, () => this.#stage.hints.tell(context, 'online'), context.life);
    },
    quota: (_context, random, note) => {
      const ms = random.spread(5_000);
      note(`the disk is full for ${ms} ms`);
      this.#stage.quotaUntil = this.#stage.timeline.elapsed + ms;
      this.#stage.timeline.after(ms, () => {
        for (const each of this.#stage.contexts) each.disturb();
      });
    },
    unreadable: async (context, random, note) => {
      const { ledger, setup } = this.#stage;
      const ids = [...ledger.snapshot.jobs.keys()];
      if (ids.length === 0) return;
      const id = random.pick(ids);
      note(`${id} cannot be read any more`);
      await setup.harness.breakPayload?.(this.#stage.stream, id);
      ledger.breakPayload(id);
      context.disturb();
    },
    cleared: (_context, _random, note) => {
      note('all data is cleared');
      return this.#stage.clearData();
    },
    hint: (context, random, note) => {
      const hint = random.pick<Hint>(['work', 'cancel', 'gone', 'change', 'online']);
      note(`hint ${hint} without a reason`);
      this.#stage.hints.tell(context, hint);
    },
    deploy: (context, _random, note) => {
      note('is stopped for the next release');
      context.worker = undefined;
      this.#let(this.#stage.redeploy(context));
    },
  };

  /** A job that waits for these, if there are any. */
  #waiting(context: Context, random: Random, dependsOn: readonly string[]) {
    const { name, payload, options } = this.#stage.setup.workload.next(random, context);
    if (dependsOn.length === 0) return { ...options, name, payload };
    const { onDuplicate: _, keyForMs: _time, maxWaitMs: _most, ...rest } = options ?? {};
    const onDependencyDeath = random.pick([undefined, 'bury', 'cancel', 'run'] as const);
    return { ...rest, name, payload, dependsOn, ...(onDependencyDeath && { onDependencyDeath }) };
  }

  async #batch(context: Context, random: Random, id: string): Promise<void> {
    const { workload } = this.#stage.setup;
    const next = () => workload.next(random, context);
    const { name, payload } = next();
    const opened = await batch(context.queue, {
      id,
      ...(random.chance(0.8) && { whenDone: { name, payload } as never }),
    });
    const calls = random.between(0, 2);
    for (let i = 0; i < calls; i++) {
      const items = Array.from({ length: random.between(1, 4) }, next);
      await opened.add(items.map(({ options, ...item }) => ({ ...options, ...item })) as never);
      await context.sleep(random.spread(1_000));
    }
    await opened.close();
  }

  /** Accepted means stored; what is refused is nobody's loss. */
  #enqueue(context: Context, wanted: readonly Wanted[]): void {
    const { journal } = this.#stage;
    const isStanding = this.#stage.standing.leftMs > 0;
    const items = wanted.map(({ name, payload, options }) => ({
      ...(isStanding && { id: `once-${++this.#named}` }),
      ...options,
      name,
      payload,
    }));
    this.#let(
      this.#insist(context, () => enqueueMany(context.queue, items as never)).then((answers) => {
        const { ledger } = this.#stage;
        for (const [i, { id, status }] of answers.entries()) {
          if (!ledger.accepted.has(id))
            journal.fail('accepted means stored', `${id} was answered ${status} and is not there`);
          const { id: own = id, name } = items[i] as { id?: string; name: string };
          if (status === 'enqueued' && own !== id)
            journal.fail('each call has its own answer', `${own} was enqueued as ${id}`);
          if (status !== 'duplicate' && !ledger.accepted.get(id)?.has(name))
            journal.fail('each call has its own answer', `a ${name} became ${id}, which is none`);
        }
      }),
    );
  }

  /** What was given up is repeated under its ids, until the store answers: it finds what was done. */
  async #insist<T>(context: Context, call: () => Promise<T>): Promise<T> {
    for (;;)
      try {
        return await call();
      } catch (error) {
        if ((error as { readonly code?: string }).code !== 'StoreBlocked') throw error;
        await context.sleep(this.#stage.standing.leftMs + 1);
      }
  }

  #steer(how: keyof typeof STEERING, context: Context, random: Random, note: (what?: string) => void): void {
    const { jobs } = this.#stage.ledger.snapshot;
    const ids = [...jobs.values()]
      .filter(({ state }) => (state === 'dead') === (how !== 'cancel') || random.chance(0.1))
      .map(({ id }) => id);
    if (ids.length === 0) return;
    const id = random.pick(ids);
    const edited = how === 'redrive' && random.chance(0.3);
    note(`${how} ${id}${edited ? ' with another payload' : ''}`);
    if (edited)
      this.#let(
        redrive(context.queue, id, { payload: { n: random.between(0, 99), does: ['work'] } as never }),
      );
    else this.#let(STEERING[how](context.queue, id));
  }

  #retryNow(context: Context, random: Random, note: (what?: string) => void): void {
    const waiting = [...this.#stage.ledger.snapshot.jobs.values()].filter(({ state }) => state === 'pending');
    if (waiting.length === 0 || random.chance(0.7)) {
      note();
      this.#let(retryNow(context.queue));
      return;
    }
    const { id } = random.pick(waiting);
    note(id);
    this.#let(retryNow(context.queue, { ids: [id] }));
  }

  /** The store may fail whoever asks it; anything else that is thrown is a defect. */
  #let(asked: Promise<unknown>, also?: string): void {
    asked.catch((error: { readonly code?: string }) => {
      if (error.code === undefined || !(REFUSALS.has(error.code) || error.code === also))
        this.#stage.journal.fail('errors are typed', String(error));
    });
  }
}

/** To what would have been right a moment ago: a job is gone, or the one that holds a key for its time; a batch is closed. */
const REFUSED = 'InvalidOption';
/** What a queue may answer to a right question. */
const REFUSALS = new Set(['Store', 'StoreBlocked', 'StoreClosed', 'QueueFull', 'UnknownJob']);
