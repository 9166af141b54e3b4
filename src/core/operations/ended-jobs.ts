import type { Job } from '../kernel/job.ts';
import type { KeepRules, PruneAnswer, RedriveAnswer, RedriveRequest } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import type { Hint, JobStore } from '../kernel/store.ts';
import { type Definitions, definitionOf } from '../queue/definitions.ts';
import type { Emitter } from '../queue/emitter.ts';
import type { Environment } from '../queue/environment.ts';
import { checkKnown, checkMs, checkOneOf, checkSignal, checkText } from '../queue/options.ts';
import { checkPayload } from '../queue/schema.ts';

/** Jobs that one transaction redrives, removes or prunes: others get their turn in between. */
const CHUNK = 100;

/** Which of the dead jobs: those that match all that is given. */
export interface DeadFilter {
  readonly name?: string;
  readonly tag?: string;
  /** The name of their last error. */
  readonly errorName?: string;
  /** Died at least so many ms ago. Minimum 0. */
  readonly olderThanMs?: number;
}

export interface SweepOptions {
  /** Aborting it ends the call before its next transaction, by rejecting with the reason; what was done stays done. */
  readonly signal?: AbortSignal;
  /** Called after each transaction: of the jobs that were dead when the call began, so many were looked at. */
  readonly onProgress?: (progress: { readonly looked: number; readonly of: number }) => void;
}

/** How many. Those that somebody else took meanwhile are counted in none, and so are those that only came along with others. */
export type RedrivenMany = Readonly<Record<'redriven' | 'duplicate' | 'unreadable' | 'blocked', number>>;
export interface RedriveOptions {
  /** In the place of the one that it has. */
  readonly payload?: unknown;
  /** `run`: it waits for no job that is dead or gone. Default: it stays dead, `blocked`, as long as one that it waits for is. */
  readonly onDependencyDeath?: 'run';
}

export interface RemovedMany {
  readonly removed: number;
}

export interface EndedJobsSetup {
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly jobs: ReadonlyMap<string, Definitions[string]>;
  readonly keep: KeepRules | undefined;
  readonly emitter: Emitter;
  /** For the workers of this context: no store tells them what was done here. */
  readonly onHint: (hint: Hint) => void;
}

/** What is done with jobs that have ended. */
export class EndedJobs {
  readonly #setup: EndedJobsSetup;

  constructor(setup: EndedJobsSetup) {
    this.#setup = setup;
  }

  async redrive(id: string, given: RedriveOptions): Promise<RedriveAnswer> {
    const ids = [checkText('id', id)];
    const { payload, onDependencyDeath } = checkKnown('redrive options', given, [
      'payload',
      'onDependencyDeath',
    ]);
    if (onDependencyDeath !== undefined) checkOneOf('onDependencyDeath', onDependencyDeath, ['run']);
    const edit = payload === undefined ? undefined : await this.#edit(id, payload);
    if (payload !== undefined && edit === undefined) return 'unknown';
    const [answer] = await this.#redrive({
      ids,
      ...(edit === undefined ? {} : { edit }),
      ...(onDependencyDeath === undefined ? {} : { onDependencyDeath }),
    });
    return answer as RedriveAnswer;
  }

  async #redrive(request: Omit<RedriveRequest, 'queue'>): Promise<readonly RedriveAnswer[]> {
    const { queue, store, environment, emitter, onHint } = this.#setup;
    const answers = await store.redrive({ queue, ...request }, environment.now());
    emitter.changed();
    onHint('work');
    return answers;
  }

  /** The payload as enqueue would take it. Undefined: there is no such job. */
  async #edit(id: string, payload: unknown): Promise<RedriveRequest['edit']> {
    const { queue, store, jobs } = this.#setup;
    const { value, size, plain } = sealPayload(payload, { blobs: true });
    const job = await store.get({ queue, id });
    if (job === undefined) return undefined;
    const definition = definitionOf(jobs, job.name);
    if (definition.payload !== undefined) await checkPayload(job.name, definition.payload, value);
    return { payload: value, sealed: { size, plain }, version: definition.version ?? 1 };
  }

  async redriveMany(filter: DeadFilter, options: SweepOptions): Promise<RedrivenMany> {
    const counts = { redriven: 0, duplicate: 0, unreadable: 0 };
    let blocked: string[] = [];
    const redrive = async (ids: readonly string[]) => {
      for (const [i, answer] of (await this.#redrive({ ids })).entries())
        if (answer === 'blocked') blocked.push(ids[i] as string);
        else if (answer !== 'unknown' && answer !== 'not-dead') counts[answer] += 1;
    };
    await this.#sweep(filter, options, redrive);
    // What they wait for may have come later, or have brought them along.
    for (let left = blocked.length + 1; blocked.length > 0 && blocked.length < left; ) {
      const again = blocked;
      [left, blocked] = [again.length, []];
      for (let from = 0; from < again.length; from += CHUNK) {
        options.signal?.throwIfAborted();
        await redrive(again.slice(from, from + CHUNK));
      }
    }
    return { ...counts, blocked: blocked.length };
  }

  async removeMany(filter: DeadFilter, options: SweepOptions): Promise<RemovedMany> {
    const { queue, store, environment, emitter } = this.#setup;
    let removed = 0;
    await this.#sweep(filter, options, async (ids) => {
      for (const answer of await store.remove({ queue, ids }, environment.now()))
        if (answer === 'removed') removed += 1;
      emitter.changed();
    });
    return { removed };
  }

  /** Looks at no more jobs than are dead now: what dies again meanwhile is not met again. */
  async #sweep(
    given: DeadFilter,
    options: SweepOptions,
    act: (ids: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const { queue, store, environment } = this.#setup;
    const matches = matcher(given, environment.now());
    const { signal, onProgress } = checkKnown('options', options, ['signal', 'onProgress']);
    checkSignal('signal', signal);
    const { dead } = await store.count({ queue });
    let looked = 0;
    let after: { readonly cursor?: string } | undefined = {};
    while (after !== undefined && looked < dead) {
      signal?.throwIfAborted();
      const limit = Math.min(CHUNK, dead - looked);
      const { jobs, cursor } = await store.list({ queue, state: 'dead', limit, ...after });
      signal?.throwIfAborted();
      const ids = jobs.filter(matches).map(({ id }) => id);
      if (ids.length > 0) await act(ids);
      looked += jobs.length;
      after = cursor === undefined ? undefined : { cursor };
      onProgress?.({ looked, of: dead });
      await environment.yield();
    }
  }

  async prune(given: { readonly signal?: AbortSignal }): Promise<PruneAnswer> {
    const { queue, store, environment, keep, emitter } = this.#setup;
    const { signal } = checkKnown('prune options', given, ['signal']);
    checkSignal('signal', signal);
    const request = { queue, limit: CHUNK, ...(keep === undefined ? {} : { keep }) };
    const total = { completed: 0, dead: 0 };
    for (;;) {
      signal?.throwIfAborted();
      const { completed, dead } = await store.prune(request, environment.now());
      total.completed += completed;
      total.dead += dead;
      if (completed + dead === 0) return total;
      emitter.changed();
      await environment.yield();
    }
  }
}

function matcher(given: DeadFilter, now: number): (job: Job) => boolean {
  const filter = checkKnown('filter', given, ['name', 'tag', 'errorName', 'olderThanMs']);
  const { name, tag, errorName, olderThanMs } = filter;
  if (name !== undefined) checkText('name', name);
  if (tag !== undefined) checkText('tag', tag);
  if (errorName !== undefined) checkText('errorName', errorName);
  const before = olderThanMs === undefined ? undefined : now - checkMs('olderThanMs', olderThanMs);
  return (job) =>
    (name === undefined || job.name === name) &&
    (tag === undefined || job.tags?.includes(tag) === true) &&
    (errorName === undefined || job.errors.at(-1)?.name === errorName) &&
    (before === undefined || (job.finishedAt ?? 0) <= before);
}
