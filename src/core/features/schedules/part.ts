import { type Context, rowsNow } from '../../queue/context.ts';
import { type CheckedSchedule, checkSchedule, type ScheduleDefinition } from './definition.ts';
import type { DroppedTicks, FireAnswer, Firing, RecurrenceRule, Schedule, TickWatch } from './messages.ts';
import { type Foretelling, firing, puttingSchedules, readingSchedules } from './operations.ts';
import { everyOf, type Recurrence } from './recurrence.ts';
import { settingsOf } from './settings.ts';
import { planFiring } from './ticks.ts';

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

type Reviver = (rule: RecurrenceRule) => Recurrence;

/** The recurring jobs of a queue in one context: what was declared here, and what fires them. */
export class Schedules implements Foretelling {
  readonly #context: Context;
  readonly #declared: readonly CheckedSchedule[];
  /** Kind → how a stored rule of it is computed. */
  readonly #revivers = new Map<RecurrenceRule['kind'], Reviver>([['every', everyOf]]);
  #declaring: Promise<void> | undefined;
  #isDeclared: boolean;

  /** Throws as an enqueue of what was declared would. */
  constructor(context: Context) {
    const { cron, declared } = settingsOf(context);
    this.#context = context;
    if (cron !== undefined)
      this.#revivers.set('cron', (rule) =>
        rule.kind === 'cron' ? cron(rule.pattern, { timeZone: rule.timeZone }) : everyOf(rule),
      );
    this.#declared = declared.map(([id, definition]) => this.#check(id, definition));
    this.#isDeclared = this.#declared.length === 0;
  }

  #check(id: string, definition: ScheduleDefinition): CheckedSchedule {
    const { intake, accepts } = this.#context;
    const toSpec = (...job: Parameters<typeof intake.toSpec>) => intake.toSpec(...job);
    const checked = checkSchedule(id, definition, toSpec, accepts);
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
    const now = rowsNow(this.#context);
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

  ticksFrom(rule: RecurrenceRule, at: number, count: number): readonly number[] | undefined {
    try {
      const recurrence = this.#revivers.get(rule.kind)?.(rule);
      if (recurrence === undefined) return undefined;
      const ticks: number[] = [];
      for (let next: number | undefined = at; next !== undefined && ticks.length < count; ) {
        ticks.push(next);
        next = recurrence.after(next);
      }
      return ticks;
    } catch {
      return undefined;
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
    const all = await this.#context.run(readingSchedules, {});
    const now = rowsNow(this.#context);
    const firings: Firing[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const schedule of all) {
      if (schedule.paused) continue;
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
    if (status === 'stale' || (ticks.length === 0 && seenAt > rowsNow(this.#context))) return;
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
