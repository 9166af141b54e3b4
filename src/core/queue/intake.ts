import type { EnqueueAnswer } from '../kernel/messages.ts';
import type { EnqueuesAround, Wanted } from './around.ts';
import type { CheckedJob } from './checked-job.ts';
import { type Committer, committer } from './committer.ts';
import { definitionOf } from './definitions.ts';
import type { EnqueueCall } from './enqueue-call.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Environment } from './environment.ts';
import type { Feature } from './feature.ts';
import type { Line } from './line.ts';
import type { Host, QueueOperation } from './queue-operation.ts';
import { type SpecRules, toSpec } from './to-spec.ts';

/** What enqueueing needs of its queue. */
export interface IntakeHost extends Host {
  readonly environment: Environment;
  readonly line: Line;
  /** Throws when the queue is closed. */
  readonly checkOpen: () => void;
  told<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args, answer: Answer): void;
}

/** What jobs become before they are stored together. */
export type Amend = (jobs: readonly CheckedJob[]) => readonly CheckedJob[];

const asTheyAre: Amend = (jobs) => jobs;

/** The way in: checks jobs and hands them to the store. */
export class Intake {
  readonly #host: IntakeHost;
  readonly #rules: SpecRules;
  readonly #accept: EnqueueCall;
  readonly #committer: Committer;
  /** Of the feature that goes around enqueues, if there is one. */
  readonly around: EnqueuesAround | undefined;

  constructor(
    host: IntakeHost,
    {
      dedupeMs,
      use,
      accept,
    }: { readonly dedupeMs: number; readonly use: readonly Feature[]; readonly accept: EnqueueCall },
  ) {
    this.#host = host;
    this.#rules = { accepts: host.accepts, id: host.environment.id, dedupeMs };
    this.#accept = accept;
    this.#committer = committer(
      (jobs, unsorted) => host.line.run(accept, unsorted === undefined ? { jobs } : { jobs, unsorted }, host),
      () => host.line.untilAwake?.('enqueue'),
      host.line.far !== undefined,
      host.line.local?.pageEnd,
    );
    for (const { around } of use) this.around ??= around?.enqueue?.(host, this);
  }

  /** All of them or none. Each is one of the `amend`ed. */
  enqueue(items: readonly Wanted[], amend: Amend = asTheyAre): Promise<readonly EnqueueAnswer[]> {
    this.#host.checkOpen();
    return this.around === undefined || items.length === 0
      ? this.#commit(amend(items.map(({ name, payload, options }) => this.toSpec(name, payload, options))))
      : this.around.store(items, (jobs) => this.#commit(amend(jobs)));
  }

  async #commit(jobs: readonly CheckedJob[]): Promise<readonly EnqueueAnswer[]> {
    this.#host.checkOpen();
    if (jobs.length === 0) return [];
    if (jobs.some(({ checking }) => checking !== undefined)) await this.checked(jobs);
    const bytes = jobs.reduce((sum, job) => sum + job.bytes, 0);
    const specs = jobs.map(({ spec }) => spec);
    const answers = await this.#committer.enqueue(specs, bytes);
    this.#host.told(this.#accept, { jobs: specs }, answers);
    return answers;
  }

  /** Waits for schemas that answer later. */
  async checked(jobs: readonly CheckedJob[]): Promise<void> {
    await Promise.all(jobs.map(({ checking }) => checking));
    this.#host.checkOpen();
  }

  /** Payloads may hold them: whether the store there does, it says itself. */
  get blobs(): boolean {
    const { far } = this.#host.line;
    return far === undefined || far.blobs === true;
  }

  /** A job by itself, checked: not stored yet. `id`: of one that has none of its own. */
  toSpec(name: string, payload: unknown, options: EnqueueOptions, id?: () => string): CheckedJob {
    return toSpec(name, definitionOf(this.#host.jobs, name), payload, options, this.#rules, this.blobs, id);
  }

  /** Resolves when no enqueue is under way. */
  settled(): Promise<void> {
    return this.#committer.settled();
  }
}
