import {
  createQueue,
  type Definitions,
  type Drained,
  type DrainOptions,
  drain,
  type Handlers,
  InvalidOptionError,
  type Queue,
  type QueueOptions,
  systemEnvironment,
} from '../core/index.ts';
import { featuresOf } from '../core/kernel/features.ts';
import { sayStream } from '../core/kernel/stream-name.ts';
import { contextOf } from '../core/queue/context.ts';
import { type Feature, type FeatureFor, type OptionsOf, streamOf } from '../core/queue/feature.ts';
import type { Runs } from '../core/queue/part.ts';
import { knownName } from '../core/queue/shared-limits.ts';
import { closedBy } from '../core/queue/worker-hooks.ts';
import { hasDone, newTally } from '../core/work/report.ts';
import { asksOf, workPartsOf } from '../core/work/work-part.ts';
import {
  type DurableObjectStore,
  type DurableObjectStoreOptions,
  durableObjectStore,
  type Wanted,
} from '../stores/durable-object/index.ts';
import { KeptShards } from './layout.ts';
import { type AlarmInfo, type AlarmStorage, SharedAlarm } from './shared-alarm.ts';

/** An alarm may run for 15 minutes (Cloudflare's limit): what is not done by then is given back and goes on in the next. */
const BUDGET_MS = 600_000;
/** How often jobs of a name that a feature closes are looked at. */
const CLOSED_POLL_MS = 300_000;
/** Each probe of a target that is down is an alarm: some hundred a day. */
const PROBE_MAX_MS = 900_000;
const QUIET_MS = 1_000;
const QUIET_MAX_MS = 300_000;

const nothingDrained = (): Drained => ({ ...newTally(), activeElsewhere: 0, closed: [] });
/** Longer than an alarm can run: a worker inside the object is gone with it, and needs no heartbeat, which would cost rows. */
const LOCAL_LEASE_MS = 3_600_000;
/** Beside a handler that outlives its alarm an attempt may work for a whole budget, and come to the same. */
const OVERLAP_AFTER_MS = 600_000;

export interface DurableObjectQueueOptions<
  Jobs extends Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> extends Omit<QueueOptions<Jobs, Use>, 'store'> {
  /** Share the object's alarm with other users of it, other queues among them; default: the queue is its only user. */
  readonly alarm?: SharedAlarm;
  /**
   * What `onAlarm` runs: needed here only when the alarm is shared, as then another user's call may wake this queue. Given here, `explain` knows from
   * the object's first instant on which names nobody handles.
   */
  readonly handlers?: Handlers<Jobs>;
  /** Told the rows that the platform bills. */
  readonly onStep?: DurableObjectStoreOptions['onStep'];
}

/**
 * As those of `drain`, but for the deadline, which is the alarm's, and the lease, which an object does not need. An alarm that comes early looks
 * for nothing, unless there is something within `waitFor`, or it is to `lift`.
 */
export interface OnAlarmOptions extends Omit<DrainOptions, 'deadlineMs' | 'leaseMs'> {
  /** Handlers that run at a time. Default 16. */
  readonly concurrency?: number;
  /** How long one alarm may work. Default 600,000. */
  readonly budgetMs?: number;
  /** How long a handler that outlived its attempt, or its alarm, keeps its job from beginning beside it. Default 600,000. */
  readonly overlapAfterMs?: number;
}

function earlyMsOf({ lift, waitFor = 0, budgetMs = BUDGET_MS }: OnAlarmOptions): number {
  if (lift) return Number.POSITIVE_INFINITY;
  return waitFor === 'empty' ? budgetMs : waitFor;
}

/** A queue inside a Durable Object, beside whatever else its class has. */
export interface DurableObjectQueue<Jobs extends Definitions, Options extends object = object>
  extends Queue<Jobs, Options> {
  /** As its store knows it: the name, and whose it is. */
  readonly stream: string;
  readonly store: DurableObjectStore;
  /** What its clients said of the number of objects they spread it over. */
  readonly keptShards: KeptShards;
  readonly alarm: SharedAlarm;
  /**
   * What the class's `alarm(info)` has to call: runs what is due with these handlers, then arms the alarm for what comes next.
   * Never throws. Names without a handler wait, and arm no alarm; until it was called first in an instance of the object, all defined
   * names count as handled, so that the first request after a deploy wakes what the code before had no handler for. A handler that is
   * deaf to its signal and outlives the alarm has lost its job, which is not begun a second time beside it before `overlapAfterMs` is over.
   * `explain` goes by the same names: it says `no-worker` of a name that neither these handlers nor those of `durableObjectQueue` have.
   */
  onAlarm(handlers: Handlers<Jobs>, info?: AlarmInfo, options?: OnAlarmOptions): Promise<Drained>;
  /** The earliest instant at which the queue wants to be woken; undefined: nothing waits. */
  nextAt(): number | undefined;
}

/**
 * Makes a queue in the SQLite storage of a Durable Object: a field of a class that stays its user's own. Each change arms the object's
 * alarm, in the same transaction, and only when that makes it earlier; an idle queue has no alarm.
 */
export function durableObjectQueue<
  const Jobs extends Definitions,
  const Use extends readonly FeatureFor<Jobs>[] = [],
>(
  state: { readonly storage: AlarmStorage },
  options: DurableObjectQueueOptions<Jobs, Use>,
): DurableObjectQueue<Jobs, OptionsOf<Use>> {
  const now = () => (options.environment ?? Date).now();
  const { alarm = new SharedAlarm(state, { now }), handlers: known, onStep, ...rest } = options;
  if (!(alarm instanceof SharedAlarm)) throw new InvalidOptionError('alarm', alarm, 'a SharedAlarm');
  const store = durableObjectStore(state, {
    ...(onStep ? { onStep } : {}),
    onChange: (_queue, at) => {
      quiet.until = 0;
      alarm.wish(earliest(at));
    },
    onDoubt: () => alarm.forget(),
    onAnew: () => {
      keptShards.forget();
      begin();
    },
  });
  const queue = createQueue({ probeMaxMs: PROBE_MAX_MS, ...rest, store } as QueueOptions<Jobs>);
  const context = contextOf(queue);
  const features = featuresOf(context.setup.use);
  // What fails in them, the workers' own meet again, and tell.
  const parts = workPartsOf(context).map((make) => make(() => undefined));
  const begin = () => {
    for (const part of parts) part.begin();
  };
  const stream = streamOf(queue.name, context.setup.use);
  const keptShards = new KeptShards(state.storage.sql, stream);

  const workOf = (handlers: Handlers<Jobs>, how: OnAlarmOptions) => ({ handlers, how });
  let work = known && workOf(known, {});
  /** How long before its instant the alarm that runs may wake this queue. */
  let earlyMs = 0;
  /** Woken without handlers: nothing is gained by being woken again. */
  let idle = false;
  /** Woken and nothing done: not again at once, whatever the reason. An alarm that fires for ever is a bill. */
  const quiet = { until: 0, ms: 0 };
  let drained: Drained = nothingDrained();
  /** A part of the worker has done something, with a job or without. */
  let acted = false;
  for (const event of parts.flatMap(({ signs }) => signs)) queue.on(event, () => (acted = true));
  const open = (name: string): boolean => closedBy(hooks, name) === undefined;
  // As long as nobody said what is handled, all that is defined may be: code that was just deployed may have new handlers.
  const handled = (): object => work?.handlers ?? options.jobs;
  /** Whether the alarm runs jobs of this name: see `Part`. */
  const runs = (name: string): Runs =>
    Object.hasOwn(handled(), name) ? (closedBy(hooks, name) ?? true) : undefined;
  const wanted = (also: (name: string) => boolean = open): Wanted => {
    const names = Object.keys(handled()).filter(also);
    const known = Object.fromEntries(names.map((name) => [name, knownName(options.jobs[name] ?? {})]));
    const versions = Object.fromEntries(Object.entries(known).map(([name, { version }]) => [name, version]));
    return { names: known, features, ...asksOf(parts, versions) };
  };

  const earliest = (nextOf: (wanted: Wanted) => number | undefined): number | undefined => {
    const at = nextOf(wanted());
    // What opens again says so, but only to an object that is there to hear it.
    const closed = wanted((name) => !open(name));
    const gated = Object.keys(closed.names).length > 0 && nextOf(closed) !== undefined;
    return gated ? Math.min(at ?? Number.POSITIVE_INFINITY, now() + CLOSED_POLL_MS) : at;
  };
  const nextAt = (): number | undefined => {
    if (idle) return undefined;
    const at = earliest((those) => store.nextAt(stream, now(), those));
    if (at === undefined) return undefined;
    const instant = Math.max(at, quiet.until);
    return instant <= now() + earlyMs ? Math.min(instant, now()) : instant;
  };
  const looking = {
    environment: options.environment ?? systemEnvironment,
    isHere: true,
    wake: () => alarm.wish(nextAt()),
    fail: () => undefined, // What fails, the workers meet, too, and tell.
  };
  const hooks = contextOf(queue).setup.use.flatMap((feature) => feature.worker?.(looking) ?? []);
  alarm.join(sayStream(stream), {
    nextAt,
    async wake() {
      idle = work === undefined;
      if (work === undefined)
        throw new InvalidOptionError(
          'handlers',
          work,
          'handlers: an object that shares its alarm needs them',
        );
      const { concurrency = 16, budgetMs = BUDGET_MS, overlapAfterMs = OVERLAP_AFTER_MS } = work.how;
      const { budgetMs: _, ...asked } = work.how;
      const how = { ...asked, concurrency, overlapAfterMs, deadlineMs: budgetMs, leaseMs: LOCAL_LEASE_MS };
      acted = false;
      earlyMs = 0;
      drained = await drain(queue, work.handlers, how);
      const done = acted || hasDone(drained);
      quiet.ms = done ? 0 : Math.min(QUIET_MAX_MS, Math.max(QUIET_MS, 2 * quiet.ms));
      quiet.until = done ? 0 : now() + quiet.ms;
    },
  });

  // No worker starts in an object that nobody wakes.
  begin();

  context.add({ runs });
  return Object.assign(queue, {
    stream,
    store,
    keptShards,
    alarm,
    nextAt,
    async onAlarm(handlers: Handlers<Jobs>, info?: AlarmInfo, how: OnAlarmOptions = {}): Promise<Drained> {
      work = workOf(handlers, how);
      idle = false;
      drained = nothingDrained();
      earlyMs = earlyMsOf(how);
      await alarm.run(info);
      earlyMs = 0;
      return drained;
    },
  });
}
