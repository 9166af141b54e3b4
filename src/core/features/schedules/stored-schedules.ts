import { openControl } from '../../kernel/clock.ts';
import type { Codec } from '../../kernel/codec.ts';
import { newControl } from '../../kernel/control.ts';
import type { Control } from '../../kernel/control-row.ts';
import { revealed } from '../../kernel/damage.ts';
import { admit } from '../../kernel/enqueue.ts';
import { InvalidOptionError } from '../../kernel/errors.ts';
import { hooksOf } from '../../kernel/features.ts';
import type { Draft } from '../../kernel/job.ts';
import { jsonText } from '../../kernel/json-text.ts';
import type { EnqueueAnswer } from '../../kernel/messages.ts';
import { noteOwing, owing, stillOwed } from '../../kernel/owed.ts';
import { isPaused } from '../../kernel/pause.ts';
import type { Rows, Rule } from '../../kernel/rows.ts';
import type { SealedJob } from '../../kernel/sealed-job.ts';
import { read, type Step } from '../../kernel/step.ts';
import type {
  DroppedTicks,
  FireAnswer,
  FireRequest,
  Firing,
  PauseScheduleRequest,
  PutSchedulesAnswer,
  PutSchedulesRequest,
  RecurrenceRule,
  Schedule,
  ScheduleSpec,
  Tick,
  TriggerAnswer,
  TriggerRequest,
} from './messages.ts';
import { isAnew, keepTicks, ticksText } from './next-ticks.ts';
import { SCHEDULE, type ScheduleRow } from './schedule-row.ts';
import { everyTicks } from './ticks.ts';

/** Each firing reads all of them. */
const MAX_SCHEDULES = 1_000;

type Schedules = Map<string, ScheduleRow>;

/** Seals at once; what is answered runs in a transaction. */
export function putSchedules(codec: Codec, { schedules }: PutSchedulesRequest): Rule<PutSchedulesAnswer> {
  const sealed = schedules.map((given) => {
    const { payload, sealed: measured, ...job } = given.job;
    const { stored, size } = codec.seal(payload, measured);
    return { given, job, payload: stored, size };
  });
  return function* (rows, now) {
    const control = (yield* openControl(rows, now)) ?? newControl(now);
    const all = yield* openSchedules(rows, control);
    const ids = new Set([...all.keys(), ...schedules.map(({ id }) => id)]);
    if (ids.size > MAX_SCHEDULES)
      throw new InvalidOptionError('schedules', ids.size, `at most ${MAX_SCHEDULES} in a queue`);
    const { owing: known } = control;
    let changed = false;
    const dropped: DroppedTicks[] = [];
    for (const { given, job: sealedJob, ...rest } of sealed) {
      const was = all.get(given.id);
      const owes = owing(given.job, hooksOf(rows));
      noteOwing(control, owes);
      const job = owes === undefined ? sealedJob : { ...sealedJob, owes };
      const row: ScheduleRow = { ...timed(given, was, now), ...rest, job };
      if (was !== undefined && isSame(was, row)) continue;
      changed = true;
      if (was?.nextAt !== undefined && was.nextAt <= now && was.rule !== row.rule)
        dropped.push({ id: given.id, rule: was.rule, at: was.nextAt });
      all.set(given.id, row);
      rows.putRecord(SCHEDULE, given.id, row);
    }
    // A schedule that is as it was may have been put before its feature was abandoned.
    changed ||= control.owing !== known;
    if (changed) keep(rows, control, all);
    return { changed, dropped };
  };
}

/** The next tick moves with the recurrence, and with nothing else: a schedule that is put again goes on. */
function timed({ rule, nextAt, missed, overlap }: ScheduleSpec, was: ScheduleRow | undefined, now: number) {
  const { nextAt: _n, lastAt: _a, lastId: _i, lastFrom: _f, firedAhead: _h, ...kept } = was ?? {};
  const row: Draft<Omit<ScheduleRow, 'job' | 'payload' | 'size'>> = {
    ...kept,
    rule: was !== undefined && isSameRule(was.rule, rule) ? was.rule : anchored(rule, now),
    missed,
    overlap,
  };
  const next =
    row.rule === was?.rule
      ? was.nextAt
      : row.rule.kind === 'every'
        ? everyTicks(row.rule).after(now)
        : nextAt;
  if (next !== undefined) row.nextAt = next;
  if (was?.lastAt !== undefined) row.lastAt = was.lastAt;
  if (was?.lastId !== undefined) row.lastId = was.lastId;
  if (row.rule !== was?.rule) return row;
  if (was.lastFrom !== undefined) row.lastFrom = was.lastFrom;
  if (was.firedAhead !== undefined) row.firedAhead = was.firedAhead;
  return row;
}

const anchored = (rule: RecurrenceRule, now: number): RecurrenceRule =>
  rule.kind === 'every' ? { ...rule, anchor: rule.anchor ?? now } : rule;

function isSameRule(was: RecurrenceRule, is: RecurrenceRule): boolean {
  if (was.kind === 'every' && is.kind === 'every')
    return was.ms === is.ms && (is.anchor === undefined || was.anchor === is.anchor);
  return (
    was.kind === 'cron' && is.kind === 'cron' && was.pattern === is.pattern && was.timeZone === is.timeZone
  );
}

/** As far as it can be told cheaply: where the store holds payloads otherwise than as texts, they count as changed. */
function isSame({ payload: was, ...rest }: ScheduleRow, { payload: is, ...other }: ScheduleRow): boolean {
  return typeof was === 'string' && was === is && textOf(rest) === textOf(other);
}

const textOf = (value: object): string =>
  jsonText(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Answers whether it was there. */
export function* removeSchedule(rows: Rows, { id }: { readonly id: string }, now: number): Step<boolean> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return false;
  const all = yield* openSchedules(rows, control);
  if (!all.delete(id)) return false;
  rows.dropRecord(SCHEDULE, id);
  keep(rows, control, all);
  return true;
}

/** Answers whether it was there. Its next tick stays: what becomes of those that pass meanwhile, `missed` says. */
export function* pauseSchedule(rows: Rows, { id, paused }: PauseScheduleRequest, now: number): Step<boolean> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return false;
  const all = yield* openSchedules(rows, control);
  const was = all.get(id);
  if (was === undefined) return false;
  if ((was.paused ?? false) === paused) return true;
  const { paused: _, ...rest } = was;
  const row: ScheduleRow = paused ? { ...rest, paused } : rest;
  all.set(id, row);
  rows.putRecord(SCHEDULE, id, row);
  keep(rows, control, all);
  return true;
}

/** A job of the schedule now, whenever its next tick is: that stays as it is. */
export function* triggerSchedule(rows: Rows, { id, run }: TriggerRequest, now: number): Step<TriggerAnswer> {
  const control = yield* openControl(rows, now);
  const all = control && (yield* openSchedules(rows, control));
  const row = all?.get(id);
  if (control === undefined || all === undefined || row === undefined) return { status: 'unknown' };
  const job = jobOf(rows, control, id, row, now, idOf(id, run));
  const isThere = (yield* read(rows.find(job.spec.id))) !== undefined;
  if (isThere) return { status: 'duplicate', id: job.spec.id };
  if (!row.overlap && (yield* isLastLive(rows, row))) return { status: 'overlap' };
  const [answer] = yield* admit(rows, control, [job], now);
  const lastId = answer?.id ?? job.spec.id;
  all.set(id, { ...row, lastId });
  rows.putRecord(SCHEDULE, id, { ...row, lastId });
  keep(rows, control, all);
  return { status: answer?.status === 'duplicate' ? 'duplicate' : 'enqueued', id: lastId };
}

export function* listSchedules(rows: Rows): Step<readonly Schedule[]> {
  const all = yield* schedulesOf(rows);
  return [...all].map(([id, { job, payload, size: _s, lastFrom: _l, firedAhead: _f, ...row }]) => {
    const { name, version } = job;
    return { id, name, version, payload: revealed(() => rows.codec.reveal(payload)), ...row };
  });
}

/** By compare-and-set: a schedule whose next tick is another than was seen has been fired, or was changed. */
export function* fire(rows: Rows, { firings }: FireRequest, now: number): Step<readonly FireAnswer[]> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return firings.map(() => STALE);
  const all = yield* openSchedules(rows, control);
  const answers: FireAnswer[] = [];
  for (const firing of firings) answers.push(yield* fireOne(rows, control, all, firing, now));
  const known = ticksText(control);
  keepTicks(control, all);
  if (answers.some(({ status }) => status !== 'stale') || ticksText(control) !== known)
    rows.putControl(control);
  return answers;
}

const STALE: FireAnswer = { status: 'stale', jobs: [] };

function* fireOne(
  rows: Rows,
  control: Control,
  all: Schedules,
  { id, seenAt, ticks, nextAt }: Firing,
  now: number,
): Step<FireAnswer> {
  const row = all.get(id);
  if (row === undefined || row.nextAt !== seenAt || isPaused(control, row.job.name)) return STALE;
  if (row.paused) return STALE;
  const blocked = !row.overlap && ticks.length > 0 && (yield* isLastLive(rows, row));
  const fired = blocked ? [] : row.overlap ? ticks : ticks.slice(-1);
  const jobs = fired
    .filter((tick) => !wasFired(row, tick))
    .map((tick) => jobOf(rows, control, id, row, tick));
  const admitted = (yield* admit(rows, control, jobs, now)).values();
  const answers = fired.map((tick) =>
    wasFired(row, tick)
      ? ({ id: idOf(id, tick), status: 'duplicate' } as const)
      : (admitted.next().value as EnqueueAnswer),
  );
  const { nextAt: _, ...rest } = row;
  const is: Draft<ScheduleRow> = rest;
  if (nextAt !== undefined) is.nextAt = nextAt;
  const last = answers.at(-1);
  if (last !== undefined) {
    is.lastId = last.id;
    is.lastAt = fired.at(-1) as number;
    if (fired.length > 1) is.lastFrom = fired[0] as number;
    else delete is.lastFrom;
  }
  noteAhead(is, seenAt);
  all.set(id, is);
  rows.putRecord(SCHEDULE, id, is);
  return { status: blocked ? 'overlap' : 'fired', jobs: answers };
}

const wasFired = ({ firedAhead: [first, last] = NONE }: ScheduleRow, tick: number): boolean =>
  tick >= first && tick <= last;

const NONE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/** Where the next tick moves back, the clock was set back past ticks that have been fired: those that came last are not fired again. */
function noteAhead(row: Draft<ScheduleRow>, seenAt: number): void {
  const { nextAt = Number.POSITIVE_INFINITY, lastAt, lastFrom = lastAt, firedAhead } = row;
  if (firedAhead !== undefined && nextAt > firedAhead[1]) delete row.firedAhead;
  if (nextAt < seenAt && lastAt !== undefined && lastFrom !== undefined && lastAt >= nextAt)
    row.firedAhead = [lastFrom, lastAt];
}

function* isLastLive(rows: Rows, { lastId }: ScheduleRow): Step<boolean> {
  const found = lastId === undefined ? undefined : yield* read(rows.find(lastId));
  return found !== undefined && found.at !== 'finals';
}

const idOf = (schedule: string, at: number | string): string => `${schedule}@${at}`;

/** Its id says which tick it is of: a tick that comes again while its job is there is no second job. */
function jobOf(
  rows: Rows,
  control: Control,
  schedule: string,
  { job, payload, size }: ScheduleRow,
  at: number,
  jobId = idOf(schedule, at),
): SealedJob {
  const tick: Tick = { schedule, at };
  const { owes = [], ...same } = job;
  const spec = { ...same, id: jobId, known: true, tick, payload: undefined };
  const owed = stillOwed(rows, control, owes);
  return { spec: owed.length > 0 ? { ...spec, owes: owed } : spec, stored: payload, size };
}

function* schedulesOf(rows: Rows): Step<Schedules> {
  const found = yield* read(rows.recordsAfter(SCHEDULE, '', MAX_SCHEDULES));
  return new Map(found.map(({ key, value }) => [key, value]));
}

function* openSchedules(rows: Rows, control: Control): Step<Schedules> {
  const all = yield* schedulesOf(rows);
  if (isAnew(control)) for (const { job } of all.values()) noteOwing(control, job.owes);
  return all;
}

function keep(rows: Rows, control: Control, all: Schedules): void {
  keepTicks(control, all);
  rows.putControl(control);
}
