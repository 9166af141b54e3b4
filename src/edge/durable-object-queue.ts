import {
  createQueue,
  type Definitions,
  type Drained,
  type Handlers,
  InvalidOptionError,
  type Queue,
  type QueueOptions,
} from '../core/index.ts';
import {
  type DurableObjectStore,
  durableObjectStore,
  type Versions,
} from '../stores/durable-object/index.ts';
import { type AlarmInfo, type AlarmStorage, SharedAlarm } from './shared-alarm.ts';

/** An alarm may run for 15 minutes (Cloudflare's limit): what is not done by then is given back and goes on in the next. */
const BUDGET_MS = 600_000;
/** How often jobs behind a closed gate are looked at. */
const GATE_POLL_MS = 300_000;
const QUIET_MS = 1_000;
const QUIET_MAX_MS = 300_000;
/** Longer than an alarm can run: a worker inside the object is gone with it, and needs no heartbeat, which would cost rows. */
const LOCAL_LEASE_MS = 3_600_000;

export interface DurableObjectQueueOptions<Jobs extends Definitions>
  extends Omit<QueueOptions<Jobs>, 'store'> {
  /** Share the object's alarm with other users of it, other queues among them; default: the queue is its only user. */
  readonly alarm?: SharedAlarm;
  /** What `onAlarm` runs: needed here only when the alarm is shared, as then another user's call may wake this queue. */
  readonly handlers?: Handlers<Jobs>;
  /** Told the rows that the platform bills. */
  readonly onStep?: (kind: 'read' | 'written', rows: number) => void;
}

export interface OnAlarmOptions {
  /** Handlers that run at a time. Default 16. */
  readonly concurrency?: number;
  /** How long one alarm may work. Default 600,000. */
  readonly budgetMs?: number;
}

/** A queue inside a Durable Object, beside whatever else its class has. */
export interface DurableObjectQueue<Jobs extends Definitions> extends Queue<Jobs> {
  readonly jobs: Jobs;
  readonly store: DurableObjectStore;
  readonly alarm: SharedAlarm;
  /**
   * What the class's `alarm(info)` has to call: runs what is due with these handlers, then arms the alarm for what comes next.
   * Never throws. Names without a handler wait, and arm no alarm; until it was called first in an instance of the object, all defined
   * names count as handled, so that the first request after a deploy wakes what the code before had no handler for. A handler that is
   * deaf to its signal and outlives the alarm has lost its job, which is not begun a second time beside it.
   */
  onAlarm(handlers: Handlers<Jobs>, info?: AlarmInfo, options?: OnAlarmOptions): Promise<Drained>;
  /** The earliest instant at which the queue wants to be woken; undefined: nothing waits. */
  nextAt(): number | undefined;
}

/**
 * Makes a queue in the SQLite storage of a Durable Object: a field of a class that stays its user's own. Each change arms the object's
 * alarm, in the same transaction, and only when that makes it earlier; an idle queue has no alarm.
 */
export function durableObjectQueue<const Jobs extends Definitions>(
  state: { readonly storage: AlarmStorage },
  options: DurableObjectQueueOptions<Jobs>,
): DurableObjectQueue<Jobs> {
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
  });
  const queue = createQueue({ ...rest, store } as QueueOptions<Jobs>);

  const workOf = (handlers: Handlers<Jobs>, how: OnAlarmOptions) => ({ handlers, how });
  let work = known && workOf(known, {});
  /** Woken without handlers: nothing is gained by being woken again. */
  let idle = false;
  /** Woken and nothing done: not again at once, whatever the reason. An alarm that fires for ever is a bill. */
  const quiet = { until: 0, ms: 0 };
  let drained = nothingDrained();
  const open = (name: string) => options.jobs[name]?.gate?.isOpen() ?? true;
  // As long as nobody said what is handled, all that is defined may be: code that was just deployed may have new handlers.
  const wanted = (also: (name: string) => boolean = open): Versions =>
    versionsOf(options.jobs, Object.keys(work?.handlers ?? options.jobs).filter(also));

  const earliest = (nextOf: (names: Versions) => number | undefined): number | undefined => {
    const at = nextOf(wanted());
    // A gate says when it opens, but only to an object that is there to hear it.
    const closed = wanted((name) => !open(name));
    const gated = closed.size > 0 && nextOf(closed) !== undefined;
    return gated ? Math.min(at ?? Number.POSITIVE_INFINITY, now() + GATE_POLL_MS) : at;
  };
  const nextAt = (): number | undefined => {
    if (idle) return undefined;
    const at = earliest((names) => store.nextAt(queue.name, now(), names));
    return at === undefined ? undefined : Math.max(at, quiet.until);
  };
  for (const { gate } of Object.values(options.jobs)) gate?.subscribe(() => alarm.wish(nextAt()));
  alarm.join(`queue ${queue.name}`, {
    nextAt,
    async wake() {
      idle = work === undefined;
      if (work === undefined) throw new InvalidOptionError('handlers', work, 'given, as the alarm is shared');
      const { concurrency = 16, budgetMs = BUDGET_MS } = work.how;
      const how = { concurrency, deadlineMs: budgetMs, leaseMs: LOCAL_LEASE_MS };
      drained = await queue.drain(work.handlers, how);
      const done = Object.values(drained).some((count) => count > 0);
      quiet.ms = done ? 0 : Math.min(QUIET_MAX_MS, Math.max(QUIET_MS, 2 * quiet.ms));
      quiet.until = done ? 0 : now() + quiet.ms;
    },
  });

  return Object.assign(queue, {
    jobs: options.jobs,
    store,
    alarm,
    nextAt,
    async onAlarm(handlers: Handlers<Jobs>, info?: AlarmInfo, how: OnAlarmOptions = {}): Promise<Drained> {
      work = workOf(handlers, how);
      idle = false;
      drained = nothingDrained();
      await alarm.run(info);
      return drained;
    },
  });
}

const nothingDrained = (): Drained => ({ completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0 });

function versionsOf(jobs: Definitions, names: readonly string[]): Versions {
  return new Map(names.map((name) => [name, jobs[name]?.version ?? 1]));
}
