import type { ClaimedJob, Job, JobSpec } from '../../core/index.ts';
import { type Call, redrivenBy } from './call.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

/** What somebody gave for the handler comes as it was given: payload, headers and tags. */
export class ContentRules {
  readonly #contents = new Map<string, string>();
  /** Of the jobs that schedules bring. */
  readonly #scheduled = new Map<string, string>();

  enter(call: Call, before: Snapshot): void {
    if (call.error !== undefined) return;
    if (call.method === 'enqueue')
      for (const [i, { id, status }] of call.answer.entries())
        if (status !== 'duplicate') this.#contents.set(id, contentOf(call.request.jobs[i]));
    if (call.method === 'putSchedules')
      for (const { id, job } of call.request.schedules) this.#scheduled.set(id, contentOf(job));
    if (call.method === 'fire')
      for (const [i, { jobs }] of call.answer.entries())
        for (const { id, status } of jobs)
          if (status !== 'duplicate')
            this.#contents.set(id, this.#scheduled.get(call.request.firings[i]?.id ?? '') ?? '');
    if (call.method === 'redrive' && call.request.edit !== undefined)
      for (const id of redrivenBy(call)) this.#contents.delete(id);
    if (call.method === 'exchange') for (const spec of chainedSpecs(call)) this.#enterChained(spec, before);
  }

  #enterChained(spec: JobSpec, before: Snapshot): void {
    if (!before.jobs.has(spec.id)) this.#contents.set(spec.id, contentOf(spec));
    // It may have replaced another's, which the answer does not say.
    for (const job of before.jobs.values())
      if (job.idempotencyKey !== undefined && job.idempotencyKey === spec.idempotencyKey)
        this.#contents.delete(job.id);
  }

  check({ job }: ClaimedJob, complain: Complain): void {
    const content = this.#contents.get(job.id);
    if (content !== undefined && content !== contentOf(job))
      complain('payloads', `${job.id} came with ${contentOf(job)} instead of ${content}`);
  }
}

function* chainedSpecs({ request, answer }: Extract<Call, { method: 'exchange' }>): Iterable<JobSpec> {
  for (const [i, { outcome }] of request.settle.entries())
    if (outcome.kind === 'complete' && answer.settled[i] !== 'stale') yield* outcome.enqueue ?? [];
}

const contentOf = (job: Pick<Job, 'payload' | 'headers' | 'tags'> | undefined): string =>
  `${asText(job?.payload)} ${asText(job?.headers)} ${asText(job?.tags)}`;

const asText = (payload: unknown): string =>
  JSON.stringify(payload, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? 'undefined';
