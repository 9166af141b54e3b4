import { checkNone } from '../../operations/check-ids.ts';
import { checkBoolean, checkKnown, checkText } from '../../queue/options.ts';
import type { Part } from '../../queue/part.ts';
import type { PublicOperation, QueueOperation } from '../../queue/queue-operation.ts';
import { checkScheduleId } from './definition.ts';
import type {
  FireAnswer,
  FireRequest,
  PauseScheduleRequest,
  PutSchedulesAnswer,
  PutSchedulesRequest,
  RecurrenceRule,
  Schedule,
  TriggerAnswer,
  TriggerRequest,
} from './messages.ts';
import {
  fire,
  listSchedules,
  pauseSchedule,
  putSchedules,
  removeSchedule,
  triggerSchedule,
} from './stored-schedules.ts';

/** Anchors and ticks are instants of the calendar, the same for every clock: they go over a border as they are. */
export const puttingSchedules: QueueOperation<PutSchedulesRequest, PutSchedulesAnswer> = {
  name: 'putSchedules',
  kind: 'enqueuer',
  rule: (request, codec) => putSchedules(codec, request),
  hint: ({ changed }) => (changed ? 'work' : undefined),
  stays: ['schedules[].job.sealed'],
  /** A schedule lies where its id leads to, and no longer where it led to before. */
  async spread(call, { schedules }) {
    const answers = await call.byId(schedules, async (object, part) => {
      const answer = await call.ask(object, { schedules: part });
      return part.map(() => answer);
    });
    for (const { id } of schedules)
      for (const object of call.formerOf(id)) await call.askFor(object, removingSchedule, { id });
    return {
      changed: answers.some(({ changed }) => changed),
      dropped: [...new Set(answers)].flatMap(({ dropped }) => dropped),
    };
  },
};

export const removingSchedule: PublicOperation<{ readonly id: string }, boolean> = {
  name: 'removeSchedule',
  kind: 'drainer',
  check: (given) => ({
    id: checkScheduleId(checkKnown('arguments', given as { readonly id: string }, ['id']).id),
  }),
  rule: (request) => (rows, now) => removeSchedule(rows, request, now),
  hint: (there) => (there ? 'change' : undefined),
  spread: async (call, args) => (await call.all(args)).includes(true),
};

export const pausingSchedule: PublicOperation<PauseScheduleRequest, boolean> = {
  name: 'pauseSchedule',
  kind: 'drainer',
  check(given) {
    const { id, paused } = checkKnown('arguments', given as PauseScheduleRequest, ['id', 'paused']);
    return { id: checkScheduleId(id), paused: checkBoolean('paused', paused) };
  },
  rule: (request) => (rows, now) => pauseSchedule(rows, request, now),
  hint: (there) => (there ? 'work' : undefined),
  spread: async (call, args) => (await call.all(args)).includes(true),
};

export const triggeringSchedule: PublicOperation<TriggerRequest, TriggerAnswer> = {
  name: 'triggerSchedule',
  kind: 'enqueuer',
  check(given) {
    const { id, run } = checkKnown('arguments', given as TriggerRequest, ['id', 'run']);
    return { id: checkScheduleId(id), run: checkText('run', run) };
  },
  rule: (request) => (rows, now) => triggerSchedule(rows, request, now),
  hint: ({ status }) => (status === 'enqueued' ? 'work' : undefined),
  tell: (answer, { id }, { emitter }) => {
    if (answer.status === 'enqueued') emitter.emit('schedule:fired', { id, jobs: [answer.id] });
  },
  spread: async (call, args) =>
    (await call.all(args)).find(({ status }) => status !== 'unknown') ?? { status: 'unknown' },
};

/** As they are stored: for who fires them. */
export const readingSchedules: QueueOperation<object, readonly Schedule[]> = {
  name: 'listSchedules',
  kind: 'reader',
  rule: () => (rows) => listSchedules(rows),
  spread: async (call, args) => (await call.all(args)).flat().sort((a, b) => (a.id < b.id ? -1 : 1)),
};

/** A part that computes ticks. */
export interface Foretelling extends Part {
  /** So many at most, from this one on; undefined: of a rule that cannot be computed here. */
  ticksFrom(rule: RecurrenceRule, at: number, count: number): readonly number[] | undefined;
}

const FORETOLD_TICKS = 3;
/** A cron pattern takes a third of a millisecond. */
const FORETOLD_SCHEDULES = 100;

export const listingSchedules: PublicOperation<object, readonly Schedule[]> = {
  ...readingSchedules,
  check: checkNone,
  finish(all, { parts }) {
    const part = [...parts.values()].find((one): one is Foretelling => 'ticksFrom' in one);
    return all.map((one, i) => {
      if (part === undefined || one.nextAt === undefined || i >= FORETOLD_SCHEDULES) return one;
      const nextTicks = part.ticksFrom(one.rule, one.nextAt, FORETOLD_TICKS);
      return nextTicks === undefined ? one : { ...one, nextTicks };
    });
  },
};

/** Only workers fire. The instants are those that the schedule's rows have. */
export const firing: QueueOperation<FireRequest, readonly FireAnswer[]> = {
  name: 'fire',
  kind: 'enqueuer',
  rule: (request) => (rows, now) => fire(rows, request, now),
  hint: (answers) => (answers.some(({ jobs }) => jobs.length > 0) ? 'work' : undefined),
  /** One that lies elsewhere is `stale` there: its own object fires it. */
  spread: (call, { firings }) => call.byId(firings, (object, part) => call.ask(object, { firings: part })),
};
