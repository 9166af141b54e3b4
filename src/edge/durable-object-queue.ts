import {
  createQueue,
  type Definitions,
  type Drained,
  type Handlers,
  InvalidOptionError,
  type Queue,
  type QueueOptions,
} from '../core/index.ts';
import { type DurableObjectStore, durableObjectStore } from '../stores/durable-object/index.ts';
import { type AlarmInfo, type AlarmStorage, SharedAlarm } from './shared-alarm.ts';

/** An alarm may run for 15 minutes (Cloudflare's limit): what is not done by then is given back and goes on in the next. */
const BUDGET_MS = 600_000;
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
  readonly store: DurableObjectStore;
  readonly alarm: SharedAlarm;
  /**
   * What the class's `alarm(info)` has to call: runs what is due with these handlers, then arms the alarm for what comes next.
   * Never throws. Names without a handler wait, and arm no alarm.
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
  const { alarm = new SharedAlarm(state), handlers: known, onStep, ...rest } = options;
  if (!(alarm instanceof SharedAlarm)) throw new InvalidOptionError('alarm', alarm, 'a SharedAlarm');
  const store = durableObjectStore(state, {
    ...(onStep ? { onStep } : {}),
    onChange: (_queue, nextAt) => alarm.wish(nextAt()),
    onDoubt: () => alarm.forget(),
  });
  const queue = createQueue({ ...rest, store } as QueueOptions<Jobs>);
  const now = () => (options.environment ?? Date).now();

  const workOf = (handlers: Handlers<Jobs>, how: OnAlarmOptions) => ({
    handlers,
    names: new Set(Object.keys(handlers)),
    how,
  });
  let work = known && workOf(known, {});
  /** Woken without handlers: nothing is gained by being woken again. */
  let idle = false;
  let drained: Drained = { completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0 };
  const nextAt = () => (idle ? undefined : store.nextAt(queue.name, now(), work?.names));
  alarm.join(`queue ${queue.name}`, {
    nextAt,
    async wake() {
      idle = work === undefined;
      if (work === undefined) throw new InvalidOptionError('handlers', work, 'given, as the alarm is shared');
      const { concurrency = 16, budgetMs = BUDGET_MS } = work.how;
      drained = await queue.drain(work.handlers, {
        concurrency,
        deadlineMs: budgetMs,
        leaseMs: LOCAL_LEASE_MS,
      });
    },
  });

  return Object.assign(queue, {
    store,
    alarm,
    nextAt,
    async onAlarm(handlers: Handlers<Jobs>, info?: AlarmInfo, how: OnAlarmOptions = {}): Promise<Drained> {
      work = workOf(handlers, how);
      idle = false;
      drained = { completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0 };
      await alarm.run(info);
      return drained;
    },
  });
}
