import type { Call } from './call.ts';
import type { Complain } from './transitions.ts';

/** What must hold of schedules: whoever fires it, a tick is fired once. */
export class ScheduleRules {
  /** Per schedule the ticks that were fired since it was put, or since its clock went back. */
  readonly #fired = new Map<string, Set<number>>();

  enter(call: Call, complain: Complain): void {
    if (call.method === 'putSchedules') for (const { id } of call.request.schedules) this.#fired.delete(id);
    if (call.method === 'removeSchedule') this.#fired.delete(call.request.id);
    if (call.method !== 'fire') return;
    for (const [i, { id, seenAt, ticks, nextAt }] of call.request.firings.entries()) {
      const { status, jobs } = call.answer[i] ?? { status: 'stale', jobs: [] };
      if (status === 'stale') continue;
      const fired = this.#fired.get(id) ?? new Set();
      if (fired.has(seenAt)) complain('a tick is fired once', `${id} at ${seenAt} was fired again`);
      if (jobs.length > ticks.length)
        complain('a tick is fired once', `${id} has ${jobs.length} jobs of ${ticks.length} ticks`);
      if (nextAt !== undefined && nextAt <= seenAt) this.#fired.delete(id);
      else this.#fired.set(id, fired.add(seenAt));
    }
  }
}
