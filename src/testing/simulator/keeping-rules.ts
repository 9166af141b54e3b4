import type { Job, Keep, ResultOptions } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';
import type { Part } from './part.ts';
import type { Snapshot } from './snapshot.ts';
import type { Expected } from './transitions.ts';

interface KeptResult {
  readonly text: string;
  readonly until: number;
  readonly ms: number;
  /** Of its job. */
  readonly seq: number;
  /** Who completed the job does not keep results: the next context that does will. */
  readonly isOwed: boolean;
  /** The feature was abandoned before that: perhaps nobody owes it. */
  readonly isDoubtful: boolean;
}

/** What is known of a call beside it. */
interface Keeping {
  /** Of the context that called. */
  readonly part: Part;
  /** The latest instant that the queue has seen. */
  readonly latest: number;
  /** Those whose results come late are added. */
  readonly expected: Map<string, Expected>;
}

/** What is kept of jobs: checkpoints from attempt to attempt, results, and ended jobs by the rules of the queue. */
export class KeepingRules {
  /** By job id, as text. */
  readonly #checkpoints = new Map<string, string>();
  readonly #results = new Map<string, KeptResult>();
  readonly #abandoned = new Set<string>();
  /** The payloads that dead jobs were given, as text. */
  readonly #edits = new Map<string, string>();

  /** No context owes results to those that keep them. */
  get isHeard(): boolean {
    return [...this.#results.values()].every(({ isOwed, isDoubtful }) => !isOwed || isDoubtful);
  }

  /** Nobody has the feature any more, but contexts that have yet to end: what it keeps goes. */
  abandon(feature: string): void {
    this.#abandoned.add(feature);
    if (feature === 'results') this.#results.clear();
  }

  /** Its payload cannot be read any more. */
  forgetEdit(id: string): void {
    this.#edits.delete(id);
  }

  /** The clock was set back to this instant: nothing is kept longer than its time from there. */
  followClock(now: number): void {
    for (const [id, result] of this.#results)
      this.#results.set(id, { ...result, until: Math.min(result.until, now + result.ms) });
  }

  /** Answers the dead jobs that the call has pruned. */
  enter(
    call: Call,
    before: Snapshot,
    after: Snapshot,
    keeping: Keeping,
    complain: Complain,
  ): readonly string[] {
    const { part } = keeping;
    this.#note(call, before, part.features.has('results'));
    this.#hear(call, before, after, keeping, complain);
    for (const [id, job] of after.jobs) this.#checkJob(id, job, complain);
    for (const [id, { until, isOwed, isDoubtful }] of this.#results) {
      if (isOwed) continue;
      const { state } = after.jobs.get(id) ?? {};
      if (state === 'completed' && until > call.now) continue;
      this.#results.delete(id);
      if (state === undefined && until > call.now && call.method !== 'remove' && !isDoubtful)
        complain('results are kept', `the result of ${id} was forgotten ${until - call.now} ms too early`);
    }
    return prunedOf(part.keep.dead, call, before, after, complain);
  }

  /** What was owed is there, for as long as if it had come at once; unless another job has the id by now. */
  #hear(
    call: Call,
    before: Snapshot,
    after: Snapshot,
    { part, latest, expected }: Keeping,
    complain: Complain,
  ): void {
    if (call.method !== 'exchange' || !part.features.has('results')) return;
    for (const [id, result] of this.#results) {
      if (!result.isOwed) continue;
      const job = after.jobs.get(id);
      if (job?.seq === result.seq && job.state === 'completed') {
        const { failures, crashes } = job;
        this.#results.set(id, { ...result, isOwed: false });
        if (!before.jobs.has(id)) expected.set(id, { states: ['completed'], failures, crashes });
        continue;
      }
      this.#results.delete(id);
      if (!result.isDoubtful && result.until > latest && (job === undefined || job.seq === result.seq))
        complain('results are kept', `the result of ${id} was owed, and is not kept`);
    }
  }

  #note(call: Call, before: Snapshot, keeps: boolean): void {
    if (call.method === 'enqueue')
      for (const { id, status } of call.answer) if (status !== 'duplicate') this.#forget(id);
    if (call.method === 'fire')
      for (const { id, status } of call.answer.flatMap(({ jobs }) => jobs))
        if (status !== 'duplicate') this.#forget(id);
    if (call.method === 'redrive' && call.request.edit !== undefined)
      for (const [i, id] of call.request.ids.entries())
        if (call.answer[i] === 'redriven') {
          this.#forget(id);
          this.#edits.set(id, asText(call.request.edit.payload));
        }
    if (call.method === 'extend')
      for (const [i, { id, attach }] of call.request.leases.entries())
        if (attach !== undefined && call.answer[i] !== 'stale')
          this.#checkpoints.set(id, asText(attach.checkpoints));
    if (call.method === 'exchange') this.#noteSettled(call, before, keeps);
  }

  #noteSettled(
    { request, answer, now }: Extract<Call, { method: 'exchange' }>,
    before: Snapshot,
    keeps: boolean,
  ): void {
    for (const [i, { id, outcome, attach }] of request.settle.entries()) {
      if (answer.settled[i] === 'stale') continue;
      if (outcome.kind === 'complete') {
        this.#forget(id);
        const { keepResultMs: keepMs, seq = 0 } = (before.jobs.get(id) ?? {}) as Partial<Job & ResultOptions>;
        // On a full disk it comes without: its id is remembered all the same.
        if (keepMs !== undefined && (outcome.result !== undefined || !keeps))
          this.#results.set(id, {
            text: asText(outcome.result?.value),
            until: now + keepMs,
            ms: keepMs,
            seq,
            isOwed: !keeps,
            isDoubtful: this.#abandoned.has('results'),
          });
        for (const spec of outcome.enqueue ?? []) this.#forget(spec.id);
      } else if (attach !== undefined) this.#checkpoints.set(id, asText(attach.checkpoints));
    }
  }

  #forget(id: string): void {
    this.#checkpoints.delete(id);
    this.#edits.delete(id);
  }

  #checkJob(id: string, job: Job, complain: Complain): void {
    const checkpoint = job.checkpoint === undefined ? undefined : asText(job.checkpoint);
    const right = job.state === 'completed' ? undefined : this.#checkpoints.get(id);
    const isGone = checkpoint === undefined && this.#abandoned.has('checkpoints');
    if (checkpoint !== right && !isGone)
      complain('checkpoints are kept', `${id} has the checkpoint ${checkpoint}; right is ${right}`);
    const edit = this.#edits.get(id);
    if (edit !== undefined && asText(job.payload) !== edit)
      complain('an edit is what runs', `${id} has the payload ${asText(job.payload)} instead of ${edit}`);
    const result = this.#results.get(id);
    const isKept = result?.isOwed === false && !result.isDoubtful;
    if (isKept && job.state === 'completed' && asText(job.result) !== result.text)
      complain('results are kept', `${id} has the result ${asText(job.result)} instead of ${result.text}`);
  }
}

function prunedOf(
  rule: Keep | undefined,
  call: Call,
  before: Snapshot,
  after: Snapshot,
  complain: Complain,
): string[] {
  if (rule === undefined || (call.method !== 'exchange' && call.method !== 'prune')) return [];
  const died = diedNow(call);
  const gone = [...before.jobs.values()].filter(
    ({ id, state }) => (state === 'dead' || died.has(id)) && !after.jobs.has(id),
  );
  const { count = Number.POSITIVE_INFINITY, ageMs = Number.POSITIVE_INFINITY } = rule;
  const young = gone.filter(({ finishedAt = call.now }) => finishedAt + ageMs > call.now);
  if (young.length > 0 && after.counts.dead < count)
    complain(
      'dead ones are kept',
      `${young[0]?.id} was pruned, and ${after.counts.dead} of ${count} are left`,
    );
  const halting = gone.find(({ haltsLane }) => haltsLane);
  if (halting !== undefined) complain('dead ones are kept', `${halting.id} was pruned, and halts its lane`);
  return gone.map(({ id }) => id);
}

/** More may die at once than are kept. */
function diedNow(call: Call): ReadonlySet<string> {
  if (call.method !== 'exchange') return new Set();
  const { settled } = call.answer;
  const buried = call.request.settle.filter(
    ({ outcome }, i) => outcome.kind === 'bury' && settled[i] === 'settled',
  );
  return new Set(buried.map(({ id }) => id));
}

const asText = (value: unknown): string => JSON.stringify(value) ?? 'undefined';
