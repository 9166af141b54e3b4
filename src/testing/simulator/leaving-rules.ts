import type { Job, Store } from '../../core/index.ts';
import { NO_FEATURES } from '../../core/kernel/features.ts';
import type { RecordKind } from '../../core/kernel/records.ts';
import { read } from '../../core/kernel/step.ts';
import { everyFeature } from '../every-feature.ts';
import { type StoreCalls, storeCalls } from '../store-calls.ts';
import type { Call } from './call.ts';
import type { Complain } from './journal.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

/** The features without which a job is not run: what was attached to it, or brought for it, is read by nobody else. */
export const needsOf = ({ checkpoint, results }: Job): string[] => [
  ...(checkpoint === undefined ? [] : ['checkpoints']),
  ...(results === undefined ? [] : ['flows']),
];

/** What a job has of each feature, as reading shows it. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  checkpoints: ['checkpoint'],
  flows: ['dependsOn', 'blockedBy', 'onDependencyDeath', 'results', 'batch'],
  results: ['result', 'keepResultMs'],
};
const RECORDS: Readonly<Record<string, readonly string[]>> = {
  flows: ['batch', 'dependent', 'ended', 'revival'],
  keys: ['key'],
  limits: ['rate'],
  schedules: ['schedule'],
};
/** Of the queue's row. */
const NOTES: Readonly<Record<string, readonly string[]>> = {
  flows: ['ended', 'batchesSwept'],
  keys: ['keysSwept'],
  limits: ['rates', 'rateSweep', 'marks'],
  results: ['oldestDead'],
  schedules: ['ticks', 'ticked'],
};

/** What must hold of a feature that nobody has any more: what waits for it says so, and nothing of it is left once it is abandoned. */
export class LeavingRules {
  /** As a page sees the queue that has every other feature. */
  readonly #lacking: StoreCalls;
  readonly #whole: StoreCalls;
  readonly #queue: string;
  readonly #feature: string;
  readonly #complain: Complain;
  /** What ran since it was begun to abandon it. */
  readonly #ran = new Set<string>();

  constructor(store: Store, queue: string, feature: string, complain: Complain) {
    this.#lacking = storeCalls(
      store,
      everyFeature().filter(({ name }) => name !== feature),
    );
    this.#whole = storeCalls(store);
    this.#queue = queue;
    this.#feature = feature;
    this.#complain = complain;
  }

  /** Pages without it say of each job for what it waits. */
  async look({ jobs }: Snapshot, now: number): Promise<void> {
    for (const job of jobs.values()) {
      if (job.state !== 'pending') continue;
      const needs = [...needsOf(job), ...(job.blockedBy === undefined ? [] : ['flows'])];
      if (!needs.includes(this.#feature)) continue;
      const { waits = [] } = (await this.#lacking.explain({ queue: this.#queue, id: job.id }, now)) ?? {};
      if (!waits.some((wait) => wait.why === 'needs-feature' && wait.features.includes(this.#feature)))
        this.#complain('what waits for a feature says so', `${job.id} waits for ${this.#feature}`);
    }
  }

  /** It was abandoned, or a step of that was done: what does not run has nothing of it from the last one on. */
  enter({ request, answer }: Extract<Call, { method: 'abandon' }>, { jobs }: Snapshot): void {
    if (request.next === undefined) this.#ran.clear();
    for (const { id, state } of jobs.values()) if (state === 'active') this.#ran.add(id);
    if (answer.next !== undefined) return;
    for (const job of jobs.values())
      if (job.state !== 'completed' && !this.#ran.has(job.id)) this.#check(job);
  }

  #check(job: Job): void {
    for (const field of FIELDS[this.#feature] ?? []) if (field in job) this.#leave(`${job.id} has ${field}`);
  }

  /** All has ended: abandoned once more, it has left nothing. */
  async checkGone(now: number): Promise<void> {
    const request = { queue: this.#queue, feature: this.#feature };
    for (let next: string | undefined = 'owed '; next !== undefined; )
      ({ next } = await this.#lacking.abandon({ ...request, next }, now));
    const { jobs } = await takeSnapshot(this.#whole, this.#queue);
    // What has completed is read as it was.
    for (const job of jobs.values())
      if (job.state !== 'completed' || this.#feature === 'results') this.#check(job);
    for (const left of await this.#records()) this.#leave(left);
  }

  #leave(what: string): void {
    this.#complain('what is abandoned is gone', `${what}, after ${this.#feature} was abandoned`);
  }

  #records(): Promise<readonly string[]> {
    const kinds = [...(RECORDS[this.#feature] ?? [])] as RecordKind[];
    const of = `${this.#feature}\u0001`;
    const [queue, feature] = [this.#queue, this.#feature];
    return this.#lacking.transact({
      queue,
      name: 'look',
      kind: 'drainer',
      features: NO_FEATURES,
      *run(rows) {
        const left: string[] = [];
        for (const kind of kinds)
          for (const { key } of yield* read(rows.recordsAfter(kind, '', 1))) left.push(`${kind} ${key}`);
        const owed = yield* read(rows.recordsAfter('owed', of, 1));
        for (const { key } of owed) if (key.startsWith(of)) left.push(`an end is owed: ${key}`);
        const control = yield* read(rows.control());
        for (const note of NOTES[feature] ?? [])
          if (control !== undefined && note in control) left.push(note);
        return left;
      },
    });
  }
}
