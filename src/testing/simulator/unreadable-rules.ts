import type { Job } from '../../core/index.ts';
import { type Call, redrivenBy } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

/** A job that cannot be read begins nowhere, and dies with a reason that says so; until somebody gives it another payload. */
export class UnreadableRules {
  readonly #ids = new Set<string>();

  /** From now on it cannot be read. */
  add(id: string): void {
    this.#ids.add(id);
  }

  enter(call: Call, before: Snapshot, after: Snapshot, complain: Complain): void {
    if (call.error !== undefined || this.#ids.size === 0) return;
    if (call.method === 'exchange') this.#enterExchange(call, before, complain);
    for (const id of this.#ids) if (isAnother(before.jobs.get(id), after.jobs.get(id))) this.#ids.delete(id);
    for (const id of renewedBy(call)) this.#ids.delete(id);
  }

  #enterExchange(
    { answer }: Extract<Call, { method: 'exchange' }>,
    before: Snapshot,
    complain: Complain,
  ): void {
    for (const { job } of answer.jobs)
      if (this.#ids.has(job.id) && before.jobs.get(job.id)?.seq === job.seq)
        complain('what cannot be read does not run', `${job.id} was claimed`);
    for (const { id, errors } of answer.buried ?? []) {
      const { name, message = '' } = errors.at(-1) ?? {};
      if (name === 'PayloadError' && !this.#ids.has(id))
        complain('what can be read runs', `${id} is dead: ${message}`);
      // Nothing of its payload is asked before it may run: it may be too old first, or end with what it waits for.
      const isEnded = name === 'DependencyError' && before.jobs.get(id)?.blockedBy !== undefined;
      if (this.#ids.has(id) && name !== 'ExpiredError' && !isEnded && !message.includes('cannot be read'))
        complain('what cannot be read says why', `${id} is dead: ${name} ${message}`);
    }
  }
}

/** Another job has its id by now, or none. */
const isAnother = (was: Job | undefined, is: Job | undefined): boolean =>
  was === undefined || is === undefined || was.seq !== is.seq;

/** Those that were given another payload. */
function renewedBy(call: Call): readonly string[] {
  const replaced = (answers: readonly { readonly id: string; readonly status: string }[]) =>
    answers.filter(({ status }) => status === 'replaced').map(({ id }) => id);
  if (call.method === 'enqueue') return replaced(call.answer);
  if (call.method === 'fire') return call.answer.flatMap(({ jobs }) => replaced(jobs));
  if (call.method === 'redrive' && call.request.edit !== undefined) return redrivenBy(call);
  return [];
}
