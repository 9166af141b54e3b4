import type { PutAnswer, QueueEvents, Schedule } from '../../core/index.ts';
import type { StoreCalls } from '../store-calls.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';

type Known = Pick<Schedule, 'rule' | 'nextAt'>;
type Skipped = QueueEvents['schedule:skipped'];

/** What must hold of schedules: whoever fires it, a tick is fired once; and one that a change of the recurrence drops is said. */
export class ScheduleRules {
  /** Per schedule the ticks that were fired since it was put, or since its clock went back. */
  readonly #fired = new Map<string, Set<number>>();
  /** As they were stored by the last call. */
  #known: ReadonlyMap<string, Known> = new Map();
  /** `id@at`, what the store answered that it has dropped. */
  readonly #dropped = new Set<string>();
  /** The same, of what was told as an event. */
  readonly #told = new Set<string>();

  async enter(call: Call, store: StoreCalls, queue: string, complain: Complain): Promise<void> {
    if (call.method === 'fire') this.#enterFired(call, complain);
    if (call.method === 'putSchedules') for (const { id } of call.request.schedules) this.#fired.delete(id);
    if (call.method === 'removeSchedule') this.#fired.delete(call.request.id);
    if (!CHANGING.has(call.method)) return;
    const schedules = await store.listSchedules({ queue });
    const known = new Map(schedules.map(({ id, ...schedule }) => [id, schedule]));
    if (call.method === 'putSchedules') this.#checkPut(call, known, complain);
    this.#known = known;
  }

  #enterFired({ request, answer }: Extract<Call, { method: 'fire' }>, complain: Complain): void {
    for (const [i, { id, seenAt, ticks, nextAt }] of request.firings.entries()) {
      const { status, jobs } = answer[i] ?? { status: 'stale', jobs: [] };
      if (status === 'stale') continue;
      const fired = this.#fired.get(id) ?? new Set();
      if (fired.has(seenAt)) complain('a tick is fired once', `${id} at ${seenAt} was fired again`);
      if (jobs.length > ticks.length)
        complain('a tick is fired once', `${id} has ${jobs.length} jobs of ${ticks.length} ticks`);
      if (nextAt !== undefined && nextAt <= seenAt) this.#fired.delete(id);
      else this.#fired.set(id, fired.add(seenAt));
    }
  }

  /** The next tick moves with the recurrence alone; one that was due by that before is dropped, and said. */
  #checkPut(
    { request, answer, now }: Extract<Call, { method: 'putSchedules' }>,
    after: ReadonlyMap<string, Known>,
    complain: Complain,
  ): void {
    for (const { id } of request.schedules) {
      const [was, is] = [this.#known.get(id), after.get(id)];
      const isChanged = textOf(was?.rule) !== textOf(is?.rule);
      const at = was?.nextAt;
      if (was !== undefined && !isChanged && at !== is?.nextAt)
        complain('a tick moves with its recurrence', `${id} goes on at ${is?.nextAt} instead of ${at}`);
      const right = was !== undefined && isChanged && at !== undefined && at <= now ? [at] : [];
      const said = answer.dropped.filter((dropped) => dropped.id === id);
      if (textOf(said.map((dropped) => dropped.at)) !== textOf(right))
        complain('dropped ticks are said', `${id} dropped ${right}, and ${textOf(said)} was said`);
    }
    for (const { id, at } of answer.dropped) this.#dropped.add(`${id}@${at}`);
  }

  /** All were removed, by no call. */
  forget(): void {
    this.#known = new Map();
  }

  /** A queue has emitted that ticks brought no job. */
  hear({ id, at, reason }: Skipped, complain: Complain): void {
    if (reason !== 'changed') return;
    this.#told.add(`${id}@${at}`);
    if (!this.#dropped.has(`${id}@${at}`))
      complain('dropped ticks are said', `${id} at ${at} was told as dropped, and was not`);
  }

  /** What a user is answered who changes a schedule. */
  checkAnswer(id: string, { dropped }: PutAnswer, complain: Complain): void {
    if (dropped === undefined) return;
    const { at, ticks } = dropped;
    if (!this.#told.has(`${id}@${at}`))
      complain('dropped ticks are said', `${id} at ${at} was answered as dropped, and not told as an event`);
    if (ticks.length === 0 || (ticks.length < MAX_NAMED && ticks[0] !== at))
      complain('dropped ticks are said', `${id} dropped ticks from ${at} on, and named ${ticks}`);
  }
}

const CHANGING: ReadonlySet<Call['method']> = new Set(['putSchedules', 'removeSchedule', 'fire']);
/** So many are named at most. */
const MAX_NAMED = 100;

const textOf = (value: unknown): string => JSON.stringify(value) ?? 'undefined';
