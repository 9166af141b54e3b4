import type { Job, Keep, ResultOptions } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

interface KeptResult {
  readonly text: string;
  readonly until: number;
  readonly ms: number;
}

/** What is kept of jobs: checkpoints from attempt to attempt, results, and ended jobs by the rules of the queue. */
export class KeepingRules {
  /** By job id, as text. */
  readonly #checkpoints = new Map<string, string>();
  readonly #results = new Map<string, KeptResult>();
  readonly #dead: Keep | undefined;
  /** The payloads that dead jobs were given, as text. */
  readonly #edits = new Map<string, string>();

  /** @param dead by which rule dead jobs stay */
  constructor(dead: Keep | undefined) {
    this.#dead = dead;
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
  enter(call: Call, before: Snapshot, after: Snapshot, complain: Complain): readonly string[] {
    this.#note(call, before);
    for (const [id, job] of after.jobs) this.#checkJob(id, job, complain);
    for (const [id, { until }] of this.#results) {
      const { state } = after.jobs.get(id) ?? {};
      if (state === 'completed' && until > call.now) continue;
      this.#results.delete(id);
      if (state === undefined && until > call.now && call.method !== 'remove')
        complain('results are kept', `the result of ${id} was forgotten ${until - call.now} ms too early`);
    }
    return prunedOf(this.#dead, call, before, after, complain);
  }

  #note(call: Call, before: Snapshot): void {
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
    if (call.method === 'exchange') this.#noteSettled(call, before);
  }

  #noteSettled({ request, answer, now }: Extract<Call, { method: 'exchange' }>, before: Snapshot): void {
    for (const [i, { id, outcome, attach }] of request.settle.entries()) {
      if (answer.settled[i] === 'stale') continue;
      if (outcome.kind === 'complete') {
        this.#forget(id);
        const keepMs = (before.jobs.get(id) as ResultOptions | undefined)?.keepResultMs;
        if (keepMs !== undefined && outcome.result !== undefined)
          this.#results.set(id, { text: asText(outcome.result.value), until: now + keepMs, ms: keepMs });
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
    if (checkpoint !== right)
      complain('checkpoints are kept', `${id} has the checkpoint ${checkpoint}; right is ${right}`);
    const edit = this.#edits.get(id);
    if (edit !== undefined && asText(job.payload) !== edit)
      complain('an edit is what runs', `${id} has the payload ${asText(job.payload)} instead of ${edit}`);
    const result = this.#results.get(id);
    if (result !== undefined && job.state === 'completed' && asText(job.result) !== result.text)
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
