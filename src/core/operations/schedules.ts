import { InvalidOptionError } from '../kernel/errors.ts';
import type {
  DroppedTicks,
  FireAnswer,
  Firing,
  RecurrenceRule,
  Schedule,
  TickWatch,
} from '../kernel/messages.ts';
import { planFiring } from '../kernel/ticks.ts';
import { type Context, contextOf, type Handle } from '../queue/context.ts';
import type { Definitions } from '../queue/definitions.ts';
import { checkKnown } from '../queue/options.ts';
import type { Part } from '../queue/part.ts';
import type { Queue } from '../queue/queue.ts';
import { callable } from '../queue/queue-operation.ts';
import { type CronFunction, everyOf, type Recurrence } from '../queue/recurrence.ts';
import {
  type CheckedSchedule,
  checkSchedule,
  type ScheduleDefinition,
  type ScheduleOf,
} from '../queue/schedule-definition.ts';
import { firing, listingSchedules, puttingSchedules, removingSchedule } from './schedule-operations.ts';
import { servingSchedules } from './served-schedules.ts';

/** What changing a recurrence dropped. */
export interface PutAnswer {
  /** The ticks that were due by the recurrence before, from this instant on; the latest, at most 100. Absent: none were. */
  readonly dropped?: { readonly at: number; readonly ticks: readonly number[] };
}

/** So many of the ticks that are dropped are named. */
const MAX_NAMED = 100;

interface NamedTicks {
  readonly id: string;
  readonly at: number;
  readonly ticks: readonly number[];
}

/** What firing came to: whether there was anything to do, and the earliest tick to come. */
interface Fired {
  readonly found: boolean;
  readonly nextAt: number;
}

type Declared = Readonly<Record<string, ScheduleDefinition>>;
type Reviver = (rule: RecurrenceRule) => Recurrence;

/** The recurring jobs of a queue: what was declared here, and what fires them. */
export class Schedules implements Part {
  readonly #context: Context;
  readonly #declared: readonly CheckedSchedule[];
  /** Kind → how a stored rule of it is computed. */
  readonly #revivers = new Map<RecurrenceRule['kind'], Reviver>([['every', everyOf]]);
  #declaring: Promise<void> | undefined;
  #isDeclared: boolean;

  /** Throws InvalidOptionError for what `createQueue` was given. */
  constructor(context: Context) {
    const { cron, schedules: declared } = context.setup;
    if (cron !== undefined && typeof cron !== 'function')
      throw new InvalidOptionError('cron', cron, 'cron of holdfast/cron');
    this.#context = context;
    if (cron !== undefined)
      this.#revivers.set('cron', (rule) =>
        rule.kind === 'cron'
          ? (cron as CronFunction)(rule.pattern, { timeZone: rule.timeZone })
          : everyOf(rule),
      );
    const given =
      declared === undefined
        ? {}
        : checkKnown('schedules', declared as Declared, Object.keys(Object(declared)));
    this.#declared = Object.entries(given).map(([id, definition]) => this.#check(id, definition));
    this.#isDeclared = this.#declared.length === 0;
  }

  #check(id: string, definition: ScheduleDefinition): CheckedSchedule {
    const checked = checkSchedule(id, definition, (name, payload, how) =>
      this.#context.intake.toSpec(name, payload, how),
    );
    const { kind } = checked.recurrence.rule;
    if (!this.#revivers.has(kind)) this.#revivers.set(kind, checked.recurrence.of);
    return checked;
  }

  get kinds(): TickWatch['kinds'] {
    return [...this.#revivers.keys()];
  }

  get isDeclared(): boolean {
    return this.#isDeclared;
  }

  async put(id: string, definition: ScheduleDefinition): Promise<PutAnswer> {
    this.#context.checkOpen();
    const [dropped] = await this.#put([this.#check(id, definition)]);
    return dropped === undefined ? {} : { dropped: { at: dropped.at, ticks: dropped.ticks } };
  }

  async #put(schedules: readonly CheckedSchedule[]): Promise<readonly NamedTicks[]> {
    const { emitter } = this.#context;
    for (const { checking } of schedules) if (checking !== undefined) await checking;
    const now = this.#context.rowsNow();
    const specs = schedules.map(({ spec, recurrence }) => {
      const nextAt = recurrence.after(now);
      return nextAt === undefined ? spec : { ...spec, nextAt };
    });
    const { dropped } = await this.#context.run(puttingSchedules, { schedules: specs });
    const named = dropped.map((ticks) => this.#name(ticks, now));
    for (const ticks of named) emitter.emit('schedule:skipped', { ...ticks, reason: 'changed' });
    return named;
  }

  /** Of a rule that cannot be computed here, the first only. */
  #name({ id, rule, at }: DroppedTicks, now: number): NamedTicks {
    try {
      const last = this.#revivers.get(rule.kind)?.(rule).last(MAX_NAMED, now) ?? [];
      const ticks = last.filter((tick) => tick >= at);
      return { id, at, ticks: ticks.length > 0 ? ticks : [at] };
    } catch {
      return { id, at, ticks: [at] };
    }
  }

  /** What was stored is gone. */
  lose(): void {
    this.#isDeclared = this.#declared.length === 0;
  }

  declare(): Promise<void> {
    if (this.#isDeclared) return Promise.resolve();
    this.#declaring ??= this.#put(this.#declared)
      .then(() => {
        this.#isDeclared = true;
      })
      .finally(() => {
        this.#declaring = undefined;
      });
    return this.#declaring;
  }

  /** Fires what is due of these names. `corrects`: the store looks, even if nothing is. */
  async fire(names: TickWatch['names'], corrects: boolean): Promise<Fired> {
    const all = await this.#context.run(listingSchedules, {});
    const now = this.#context.rowsNow();
    const firings: Firing[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const schedule of all) {
      if (!Object.hasOwn(names, schedule.name) || schedule.version > (names[schedule.name] ?? 0)) continue;
      const planned = this.#plan(schedule, now);
      if (planned !== undefined) firings.push(planned);
      const { nextAt = next } = planned ?? schedule;
      if (nextAt > now) next = Math.min(next, nextAt);
    }
    const fired = { found: firings.length > 0, nextAt: next };
    if (!fired.found && !corrects) return fired;
    const answers = await this.#context.run(firing, { firings });
    const nameOf = new Map(all.map(({ id, name }) => [id, name]));
    for (const [i, fired] of firings.entries())
      this.#tell(fired, answers[i] as FireAnswer, nameOf.get(fired.id) ?? '');
    return fired;
  }

  /** Undefined also for what is not known here: whoever knows it fires it. */
  #plan(schedule: Schedule, now: number): Firing | undefined {
    const revive = this.#revivers.get(schedule.rule.kind);
    try {
      return revive && planFiring(schedule, revive(schedule.rule), now);
    } catch (error) {
      this.#context.emitter.emit('worker:error', { error });
      return undefined;
    }
  }

  #tell({ id, seenAt, ticks }: Firing, { status, jobs }: FireAnswer, name: string): void {
    const { emitter } = this.#context;
    if (status === 'stale' || (ticks.length === 0 && seenAt > this.#context.rowsNow())) return;
    const enqueued = jobs.filter((job) => job.status !== 'duplicate');
    if (enqueued.length > 0) emitter.emit('schedule:fired', { id, jobs: enqueued.map((job) => job.id) });
    else
      emitter.emit('schedule:skipped', {
        id,
        at: seenAt,
        reason: status === 'overlap' ? 'overlap' : 'missed',
      });
    for (const job of enqueued) emitter.emit('job:enqueued', { id: job.id, name });
  }
}

/**
 * Stores a schedule, or changes the one of this id: its next tick moves only if the recurrence is another. Workers that handle its job fire
 * it. Ticks that were due by a recurrence which is changed, and not fired, are dropped: they are returned, and `schedule:skipped` has them.
 *
 * @example
 * await putSchedule(queue, 'cleanup', { recurrence: every(3_600_000), name: 'cleanup', payload: {} });
 *
 * @throws as `enqueue` does, and InvalidOptionError beyond 1,000 schedules in a queue
 */
export const putSchedule = /* @__PURE__ */ callable(
  [servingSchedules],
  async <Jobs extends Definitions>(
    queue: Queue<Jobs>,
    id: string,
    schedule: ScheduleOf<Jobs>,
  ): Promise<PutAnswer> =>
    contextOf(queue)
      .part(Schedules)
      .put(id, schedule as ScheduleDefinition),
);

/**
 * Removes a schedule; its jobs stay. One that is declared comes back with the next worker that declares it.
 *
 * @example
 * await removeSchedule(queue, 'cleanup');
 *
 * @returns whether it was there
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const removeSchedule = /* @__PURE__ */ callable(
  [removingSchedule],
  async (queue: Handle, id: string): Promise<boolean> => queue.call(removingSchedule, { id }),
);

/**
 * The schedules of a queue, in order of their ids.
 *
 * @example
 * for (const { id, nextAt } of await listSchedules(queue)) console.log(id, nextAt);
 *
 * @throws StoreError, StoreClosedError
 */
export const listSchedules = /* @__PURE__ */ callable(
  [listingSchedules],
  async (queue: Handle): Promise<readonly Schedule[]> => queue.call(listingSchedules, {}),
);

/**
 * Stores the schedules that `createQueue` was given. A worker does so when it starts: call it where none starts.
 *
 * @example
 * await declareSchedules(queue);
 *
 * @throws as `putSchedule` does
 */
export const declareSchedules = /* @__PURE__ */ callable(
  [servingSchedules],
  async (queue: Handle): Promise<void> => contextOf(queue).part(Schedules).declare(),
);
