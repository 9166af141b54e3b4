import type { Job } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

/** It had ended, and held its key. */
const GONE = 0;

/** The job that a call with an id of its own was answered with. */
interface Answered {
  readonly id: string;
  readonly seq: number;
  readonly dedupeMs: number;
}

/** Ids of callers' own as seen from outside: what a call was answered with once is what its repeats are answered with. */
export class IdRules {
  readonly #answered = new Map<string, Answered>();
  /** The latest instant of a call: what was over by then may be forgotten, also if that clock was wrong. */
  #latest = 0;

  /** Whether a call with this id was answered with that job before, be that there or not. */
  was(own: string | undefined, id: string): boolean {
    return own !== undefined && this.#answered.get(own)?.id === id;
  }

  enter(call: Call, before: Snapshot, after: Snapshot, complain: Complain): void {
    if (call.error !== undefined) return;
    this.#latest = Math.max(this.#latest, call.now);
    if (call.method !== 'enqueue') return;
    for (const [i, { id, status }] of call.answer.entries()) {
      const spec = call.request.jobs[i];
      if (spec?.known !== true) continue;
      const answered = this.#answered.get(spec.id);
      if (answered !== undefined && answered.id !== id && this.#stands(answered, before))
        complain('one id is one job', `${spec.id} was ${answered.id}, and is ${status} as ${id}`);
      const seq = after.jobs.get(id)?.seq ?? GONE;
      this.#answered.set(spec.id, { id, seq, dedupeMs: spec.dedupeMs ?? 0 });
    }
  }

  #stands({ id, seq, dedupeMs }: Answered, { jobs }: Snapshot): boolean {
    const job: Job | undefined = jobs.get(id);
    if (job?.seq !== seq) return false;
    return job.state !== 'completed' || (job.finishedAt ?? 0) + dedupeMs > this.#latest;
  }
}
