import { InvalidOptionError } from '../kernel/errors.ts';
import type {
  DroppedTicks,
  FireAnswer,
  Firing,
  RecurrenceRule,
  Schedule,
  TickWatch,
} from '../kernel/messages.ts';
import type { JobStore } from '../kernel/store.ts';
import { planFiring } from '../kernel/ticks.ts';
import type { Definitions, PayloadOf } from '../queue/definitions.ts';
import type { Emitter } from '../queue/emitter.ts';
import type { CheckedJob, EnqueueOptions } from '../queue/enqueue-options.ts';
import type { Environment } from '../queue/environment.ts';
import { checkKnown } from '../queue/options.ts';
import { type CronFunction, everyOf, type Recurrence } from '../queue/recurrence.ts';
import {
  type CheckedSchedule,
  checkSchedule,
  checkScheduleId,
  type ScheduleDefinition,
} from '../queue/schedule-definition.ts';

/** What changing a recurrence dropped. */
export interface PutAnswer {
  /** The ticks that were due by the recurrence before, from this instant on; the latest, at most 100. Absent: none were. */
  readonly dropped?: { readonly at: number; readonly ticks: readonly number[] };
}

/** So many of the ticks that are dropped are named. */
const MAX_NAMED = 100;

/** The recurring jobs of a queue. They are stored with it, so every context has the same. */
export interface Schedules<Jobs extends Definitions = Definitions> {
  /**
   * Stores a schedule, or changes the one of this id: its next tick moves only if the recurrence is another. Workers that handle its job fire
   * it. Rejects as enqueue does, and beyond 1,000 schedules in a queue. Ticks that were due by a recurrence which is changed, and not fired, are
   * dropped: the answer has them, and `schedule:skipped` tells them.
   */
  put<Name extends keyof Jobs & string>(
    id: string,
    schedule: ScheduleDefinition<Name, PayloadOf<Jobs[Name]>>,
  ): Promise<PutAnswer>;
  /** Its jobs stay. Answers whether it was there. One that is declared comes back with the next worker that declares it. */
  remove(id: string): Promise<boolean>;
  /** In order of their ids. */
  list(): Promise<readonly Schedule[]>;
  /** Stores those that `createQueue` was given. A worker does so when it starts: call it where none starts. */
  declare(): Promise<void>;
  /** The kinds of recurrence that can be fired here: `cron` once this queue was given one, or its option `cron`. */
  readonly kinds: TickWatch['kinds'];
}

interface SchedulesSetup {
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly emitter: Emitter;
  readonly toSpec: (name: string, payload: unknown, options: EnqueueOptions) => CheckedJob;
  readonly declared: Readonly<Record<string, ScheduleDefinition>> | undefined;
  readonly cron: CronFunction | undefined;
  readonly checkOpen: () => void;
  /** There may be jobs to claim, or a tick to wait for. */
  readonly onChange: () => void;
}

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

type Reviver = (rule: RecurrenceRule) => Recurrence;

export class JobSchedules implements Schedules {
  readonly #setup: SchedulesSetup;
  readonly #declared: readonly CheckedSchedule[];
  /** Kind → how a stored rule of it is computed. */
  readonly #revivers = new Map<RecurrenceRule['kind'], Reviver>([['every', everyOf]]);
  #declaring: Promise<void> | undefined;
  #isDeclared: boolean;

  constructor(setup: SchedulesSetup) {
    const { cron, declared } = setup;
    if (cron !== undefined && typeof cron !== 'function')
      throw new InvalidOptionError('cron', cron, 'cron of holdfast/cron');
    this.#setup = setup;
    if (cron !== undefined)
      this.#revivers.set('cron', (rule) =>
        rule.kind === 'cron' ? cron(rule.pattern, { timeZone: rule.timeZone }) : everyOf(rule),
      );
    const given =
      declared === undefined ? {} : checkKnown('schedules', declared, Object.keys(Object(declared)));
    this.#declared = Object.entries(given).map(([id, definition]) => this.#check(id, definition));
    this.#isDeclared = this.#declared.length === 0;
  }

  #check(id: string, definition: ScheduleDefinition): CheckedSchedule {
    const checked = checkSchedule(id, definition, this.#setup.toSpec);
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
    this.#setup.checkOpen();
    const [dropped] = await this.#put([this.#check(id, definition)]);
    return dropped === undefined ? {} : { dropped: { at: dropped.at, ticks: dropped.ticks } };
  }

  async #put(schedules: readonly CheckedSchedule[]): Promise<readonly NamedTicks[]> {
    const { queue, store, environment, emitter, onChange } = this.#setup;
    for (const { checking } of schedules) if (checking !== undefined) await checking;
    const now = environment.now();
    const specs = schedules.map(({ spec, recurrence }) => {
      const nextAt = recurrence.after(now);
      return nextAt === undefined ? spec : { ...spec, nextAt };
    });
    const { changed, dropped } = await store.putSchedules({ queue, schedules: specs }, now);
    if (changed) onChange();
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

  async remove(id: string): Promise<boolean> {
    const { queue, store, environment, emitter } = this.#setup;
    const there = await store.removeSchedule({ queue, id: checkScheduleId(id) }, environment.now());
    emitter.changed();
    return there;
  }

  async list(): Promise<readonly Schedule[]> {
    return this.#setup.store.listSchedules({ queue: this.#setup.queue });
  }

  /** What was stored is gone. */
  declareAgain(): void {
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
    const { queue, store, environment } = this.#setup;
    const all = await store.listSchedules({ queue });
    const now = environment.now();
    const firings: Firing[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const schedule of all) {
      if (!Object.hasOwn(names, schedule.name) || schedule.version > (names[schedule.name] ?? 0)) continue;
      const firing = this.#plan(schedule, now);
      if (firing !== undefined) firings.push(firing);
      const { nextAt = next } = firing ?? schedule;
      if (nextAt > now) next = Math.min(next, nextAt);
    }
    const fired = { found: firings.length > 0, nextAt: next };
    if (!fired.found && !corrects) return fired;
    const answers = await store.fire({ queue, firings }, now);
    const nameOf = new Map(all.map(({ id, name }) => [id, name]));
    for (const [i, firing] of firings.entries())
      this.#tell(firing, answers[i] as FireAnswer, nameOf.get(firing.id) ?? '');
    if (answers.some(({ jobs }) => jobs.length > 0)) this.#setup.onChange();
    return fired;
  }

  /** Undefined also for what is not known here: whoever knows it fires it. */
  #plan(schedule: Schedule, now: number): Firing | undefined {
    const revive = this.#revivers.get(schedule.rule.kind);
    try {
      return revive && planFiring(schedule, revive(schedule.rule), now);
    } catch (error) {
      this.#setup.emitter.emit('worker:error', { error });
      return undefined;
    }
  }

  #tell({ id, seenAt, ticks }: Firing, { status, jobs }: FireAnswer, name: string): void {
    const { emitter, environment } = this.#setup;
    if (status === 'stale' || (ticks.length === 0 && seenAt > environment.now())) return;
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
