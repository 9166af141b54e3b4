import { countingBatch } from '../core/features/flows/batch.ts';
import type { FlowSpec } from '../core/features/flows/options.ts';
import { type EnqueueAnswer, InvalidOptionError } from '../core/index.ts';
import type { EnqueueRequest, JobSpec } from '../core/kernel/messages.ts';
import { PartlyAccepted } from '../core/queue/committer.ts';
import { recalling } from './recalling.ts';
import { byObject, grouped, type Route, type RoutedCall } from './route.ts';
import type { Shards } from './shards.ts';

type Call = RoutedCall<EnqueueRequest, readonly EnqueueAnswer[]>;

/**
 * Jobs with a lane, a key or an id of the caller's own go where these lead; those of a batch to their batch, those of a flow to each other. The
 * others of a call go together, to one object: cutting them up costs 70 % more processor time a job at 8 objects.
 */
export const enqueue: Route<EnqueueRequest, readonly EnqueueAnswer[]> = async (call, { jobs, repeated }) => {
  const meant = await meantBefore(call, jobs);
  const sent = jobs.filter((job) => !meant.has(job));
  const placeOf = await placesOf(call, sent);
  const answers = new Map<JobSpec, EnqueueAnswer>();
  const reasons = new Map<JobSpec, unknown>();
  for (const [job, id] of meant) answers.set(job, { id, status: 'duplicate' });
  await Promise.all(
    [...byObject(sent, placeOf)].map(async ([object, indexes]) => {
      const part = indexes.map((i) => sent[i] as JobSpec);
      try {
        const given = await call.ask(object, { jobs: part, ...(repeated && { repeated }) });
        for (const [i, job] of part.entries()) answers.set(job, given[i] as EnqueueAnswer);
      } catch (reason) {
        for (const job of part) reasons.set(job, reason);
      }
    }),
  );
  if (reasons.size === 0) return jobs.map((job) => answers.get(job) as EnqueueAnswer);
  const [reason, ...others] = new Set(reasons.values());
  if (answers.size === 0 && others.length === 0) throw reason;
  throw new PartlyAccepted(
    jobs.map((job) => {
      const answer = answers.get(job);
      return answer === undefined ? { reason: reasons.get(job) } : { answer };
    }),
  );
};

/** An id of the caller's own leads elsewhere since the number of shards is another: where it led before knows whether it is a repeat. */
async function meantBefore(
  { places, shards }: Call,
  jobs: readonly JobSpec[],
): Promise<Map<JobSpec, string>> {
  const asked = jobs
    .filter(({ known }) => known)
    .flatMap((job) => shards.formerlyOf(job).map((object) => ({ object, job })));
  const answers = await grouped(
    asked,
    ({ object }) => object,
    (object, group) => places.ask(object, recalling, { ids: group.map(({ job }) => job.id) }),
  );
  const meant = new Map<JobSpec, string>();
  for (const [i, { job }] of asked.entries()) {
    const id = answers[i] ?? undefined; // As JSON, undefined is null.
    if (id !== undefined) meant.set(job, id);
  }
  return meant;
}

async function placesOf(call: Call, jobs: readonly FlowSpec[]): Promise<(job: JobSpec) => string> {
  const { shards } = call;
  const flows = flowsOf(jobs);
  const together = jobs.find((job) => !isPlaced(job));
  const places = new Map<JobSpec, string>();
  const batches = new Map<string, string>();
  for (const job of jobs) {
    const flow = flows.get(job) ?? [job];
    const batch = flow.find((one) => one.batch !== undefined)?.batch;
    if (batch !== undefined && !batches.has(batch)) batches.set(batch, await placeOfBatch(call, batch));
    const inBatch = batch === undefined ? [] : [batches.get(batch) as string];
    const led = flow.filter(isPlaced).map((one) => shards.of(one));
    const [place = shards.ofId(together?.id ?? job.id), ...others] = new Set([...inBatch, ...led]);
    if (others.length > 0) throw refusal(job, shards);
    places.set(job, place);
  }
  return (job) => places.get(job) as string;
}

const isPlaced = ({ known, lane, idempotencyKey }: JobSpec): boolean =>
  known || lane !== undefined || idempotencyKey !== undefined;

const refusal = ({ dependsOn, batch, id }: FlowSpec, shards: Shards): InvalidOptionError =>
  new InvalidOptionError(
    dependsOn === undefined ? 'batch' : 'dependsOn',
    batch ?? id,
    `for jobs without lane, key and id of their own: these lead elsewhere, as the queue lies in ${shards.all.length} objects`,
  );

/** Jobs that wait for each other, each with all of them. Throws for one that waits for a job of another call. */
function flowsOf(jobs: readonly FlowSpec[]): Map<FlowSpec, readonly FlowSpec[]> {
  const flows = new Map<FlowSpec, FlowSpec[]>();
  if (jobs.every(({ dependsOn }) => dependsOn === undefined)) return flows;
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const job of jobs) flows.set(job, [job]);
  for (const job of jobs)
    for (const id of Object.keys(job.dependsOn ?? {})) {
      const other = byId.get(id);
      if (other === undefined)
        throw new InvalidOptionError(
          'dependsOn',
          id,
          'a job of the same call: others may lie in another object',
        );
      const [flow, joined] = [flows.get(job) as FlowSpec[], flows.get(other) as FlowSpec[]];
      if (flow === joined) continue;
      flow.push(...joined);
      for (const one of joined) flows.set(one, flow);
    }
  return flows;
}

/** Where it is, or is to be. */
export async function placeOfBatch(
  { places, shards }: Pick<Call, 'places' | 'shards'>,
  id: string,
): Promise<string> {
  const now = shards.ofId(id);
  for (const object of shards.former)
    if (object !== now && (await places.ask(object, countingBatch, { id })) !== undefined) return object;
  return now;
}
