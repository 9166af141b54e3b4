import type { Job } from '../../core/index.ts';
import type { EverySpec } from '../every-feature.ts';
import { type Call, completedBy } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';
import type { Expected } from './transitions.ts';

/** How a job ended, and what it returned where that is to be handed on, as text. */
interface End {
  readonly how: 'completed' | 'dead' | 'cancelled';
  readonly result?: string;
}

/** For whom a job waits, under which name the result of that comes, and how it ended first. */
interface Wait {
  readonly seq: number;
  /** More than one: a step of its flow became a duplicate of another. */
  readonly labels: readonly string[];
  end?: End;
}

/** What one job waits for, by the ids of those. */
type Waits = Map<string, Wait>;

/** Jobs that wait for others, as seen from outside: none begins before those have ended, and none ends with them that was not to. */
export class FlowRules {
  /** By the seq of the job that waits. */
  readonly #waits = new Map<number, Waits>();

  /** Nobody has flows any more: whoever waits for others goes on without them. */
  abandon(): void {
    this.#waits.clear();
  }

  /** Adds to `expected` those that ended with what they waited for. Answers how many of them were cancelled. */
  enter(
    call: Call,
    before: Snapshot,
    after: Snapshot,
    expected: Map<string, Expected>,
    complain: Complain,
  ): number {
    this.#noteEnds(call, before, after);
    this.#noteWaits(call, after);
    let cancelled = 0;
    for (const [id, was] of before.jobs) {
      const is = after.jobs.get(id);
      if (!expected.has(id) && this.#mayRevive(was, is))
        expected.set(id, { states: ['pending'], failures: 0, crashes: 0 });
      if (was.blockedBy === undefined || was.state !== 'pending' || expected.has(id)) continue;
      if (is?.seq === was.seq && is.state === 'pending') continue;
      if (is?.state === 'active') continue;
      const how = is?.state === 'dead' ? 'dead' : 'cancelled';
      if (!this.#mayEnd(was, how)) continue;
      expected.set(id, { states: [how === 'dead' ? 'dead' : 'gone'] });
      if (how === 'cancelled') cancelled += 1;
    }
    if (call.method === 'exchange') for (const { job } of call.answer.jobs) this.#checkClaimed(job, complain);
    return cancelled;
  }

  #noteEnds(call: Call, before: Snapshot, after: Snapshot): void {
    const completed = completedBy(call);
    for (const [id, was] of before.jobs) {
      const is = after.jobs.get(id);
      if (was.state === 'dead' && is?.seq === was.seq && isLive(is)) this.#revive(was, before);
      if (was.state !== 'pending' && was.state !== 'active') continue;
      if (is?.seq === was.seq && isLive(is)) continue;
      const result = completed.get(id);
      if (completed.has(id))
        this.#end(was, { how: 'completed', ...(result && { result: textOf(result.value) }) });
      else this.#end(was, { how: is?.seq === was.seq && is.state === 'dead' ? 'dead' : 'cancelled' });
    }
  }

  #end({ id, seq }: Job, end: End): void {
    for (const waits of this.#waits.values()) {
      const wait = waits.get(id);
      if (wait?.seq === seq) wait.end ??= end;
    }
  }

  /** Who waits for it, or died of it, waits again. Those that may run without it are through with it. */
  #revive({ id, seq }: Job, before: Snapshot): void {
    for (const waiting of before.jobs.values()) {
      const wait = this.#waits.get(waiting.seq)?.get(id);
      if (wait?.seq === seq && waiting.blockedBy?.includes(id)) delete wait.end;
    }
  }

  /** It died of what it waited for, and lives again with that: none of those that it waits for is dead or gone. */
  #mayRevive(was: Job, is: Job | undefined): boolean {
    if (was.state !== 'dead' || was.blockedBy === undefined || is?.seq !== was.seq || !isLive(is))
      return false;
    const ends = [...(this.#waits.get(was.seq)?.values() ?? [])].map(({ end }) => end?.how ?? 'completed');
    return ends.every((how) => how === 'completed' || was.onDependencyDeath === 'run');
  }

  #noteWaits(call: Call, after: Snapshot): void {
    const meant = meantBy(call);
    for (const [spec, id] of accepted(call)) {
      const job = after.jobs.get(id);
      if (job?.blockedBy === undefined || this.#waits.has(job.seq)) continue;
      const waits: Waits = new Map();
      for (const [given, label] of Object.entries(spec.dependsOn ?? {})) {
        const other = meant.get(given) ?? given;
        if (!job.blockedBy.includes(other)) continue;
        const there = after.jobs.get(other);
        const labels = [...(waits.get(other)?.labels ?? []), label];
        const wait: Wait = { seq: there?.seq ?? 0, labels };
        waits.set(other, isLive(there) ? wait : { ...wait, end: { how: 'dead' } });
      }
      this.#waits.set(job.seq, waits);
    }
  }

  #mayEnd({ seq, onDependencyDeath = 'bury' }: Job, how: 'dead' | 'cancelled'): boolean {
    return [...(this.#waits.get(seq)?.values() ?? [])].some(({ end }) => {
      if (how === 'dead') return end?.how === 'dead' && onDependencyDeath === 'bury';
      if (end?.how === 'dead') return onDependencyDeath === 'cancel';
      return end?.how === 'cancelled' && onDependencyDeath !== 'run';
    });
  }

  #checkClaimed(job: Job, complain: Complain): void {
    const { id, blockedBy, onDependencyDeath, results = {} } = job;
    if (blockedBy !== undefined)
      complain('dependencies come first', `${id} was claimed while it waits for ${blockedBy}`);
    for (const [other, { end, labels }] of this.#waits.get(job.seq) ?? []) {
      const mayRun = end?.how === 'completed' || onDependencyDeath === 'run';
      if (end === undefined || !mayRun)
        complain(
          'dependencies come first',
          `${id} was claimed, and ${other} ${end === undefined ? 'lives' : `is ${end.how}`}`,
        );
      for (const label of labels)
        if (end?.result !== undefined && textOf(results[label]) !== end.result)
          complain(
            'results are handed on',
            `${id} has ${textOf(results[label])} of ${other}; right is ${end.result}`,
          );
    }
  }
}

function accepted(call: Call): (readonly [EverySpec, string])[] {
  if (call.method === 'enqueue')
    return call.answer.flatMap(({ id, status }, i) =>
      status === 'enqueued' ? [[call.request.jobs[i] as EverySpec, id] as const] : [],
    );
  if (call.method !== 'exchange') return [];
  return call.request.settle.flatMap(({ outcome }, i) =>
    outcome.kind === 'complete' && call.answer.settled[i] === 'settled'
      ? (outcome.enqueue ?? []).map((spec) => [spec, spec.id] as const)
      : [],
  );
}

/** Which jobs the ids of the call came to mean. */
function meantBy(call: Call): ReadonlyMap<string, string> {
  if (call.method !== 'enqueue') return new Map();
  return new Map(call.answer.map(({ id }, i) => [call.request.jobs[i]?.id ?? id, id]));
}

const isLive = (job: Job | undefined): boolean => job?.state === 'pending' || job?.state === 'active';

const textOf = (value: unknown): string => JSON.stringify(value) ?? 'undefined';
