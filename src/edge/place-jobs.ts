import { type EnqueueAnswer, InvalidOptionError } from '../core/index.ts';
import type { EnqueueRequest, JobSpec } from '../core/kernel/messages.ts';
import type { Lies } from '../core/queue/feature.ts';
import { PartlyAccepted } from './partly-accepted.ts';
import { recalling } from './recalling.ts';
import { byObject, grouped, type Route, type RoutedCall } from './route.ts';
import type { Shards } from './shards.ts';

type Call = RoutedCall<EnqueueRequest, readonly EnqueueAnswer[]>;

/**
 * Jobs with a lane, a key or an id of the caller's own go where these lead; what has to lie together by a feature (`Lies`) does. The
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

async function placesOf(call: Call, jobs: readonly JobSpec[]): Promise<(job: JobSpec) => string> {
  const { shards } = call;
  const lies = call.host.accepts.use.flatMap((feature) => feature.lies ?? []);
  const groups = groupsOf(jobs, lies);
  const together = jobs.find((job) => !isPlaced(job));
  const places = new Map<JobSpec, string>();
  const stored = new Map<string, string>();
  for (const job of jobs) {
    const group = groups.get(job) ?? [job];
    const at: string[] = [];
    for (const { at: field, look } of lies) {
      const id = group.map((one) => fieldOf<string>(one, field)).find((known) => known !== undefined);
      if (id === undefined) continue;
      const place = stored.get(`${field} ${id}`) ?? (await call.placeOf(id, look));
      stored.set(`${field} ${id}`, place);
      at.push(place);
    }
    const led = group.filter(isPlaced).map((one) => shards.of(one));
    const [place = shards.ofId(together?.id ?? job.id), ...others] = new Set([...at, ...led]);
    if (others.length > 0) throw refusal(job, lies, shards);
    places.set(job, place);
  }
  return (job) => places.get(job) as string;
}

const isPlaced = ({ known, lane, idempotencyKey }: JobSpec): boolean =>
  known || lane !== undefined || idempotencyKey !== undefined;

const fieldOf = <Value>(job: JobSpec, field: string) =>
  (job as object as Readonly<Record<string, Value | undefined>>)[field];

function refusal(job: JobSpec, lies: readonly Lies[], shards: Shards): InvalidOptionError {
  const option = lies.flatMap(({ beside, at }) => [beside, at]).find((field) => fieldOf(job, field));
  const at = lies.map((each) => fieldOf(job, each.at)).find((id) => id !== undefined);
  return new InvalidOptionError(
    option ?? lies[0]?.at ?? 'id',
    at ?? job.id,
    `for jobs without lane, key and id of their own: these lead elsewhere, as the queue lies in ${shards.all.length} objects`,
  );
}

/** Jobs that lie beside each other, each with all of them. Throws for one that has to lie beside a job of another call. */
function groupsOf(jobs: readonly JobSpec[], lies: readonly Lies[]): Map<JobSpec, readonly JobSpec[]> {
  const groups = new Map<JobSpec, JobSpec[]>();
  const tied = lies.flatMap(({ beside }) =>
    jobs.flatMap((job) => Object.keys(fieldOf<object>(job, beside) ?? {}).map((id) => ({ beside, job, id }))),
  );
  if (tied.length === 0) return groups;
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const job of jobs) groups.set(job, [job]);
  for (const { beside, job, id } of tied) {
    const other = byId.get(id);
    if (other === undefined)
      throw new InvalidOptionError(beside, id, 'a job of the same call: others may lie in another object');
    const [group, joined] = [groups.get(job) as JobSpec[], groups.get(other) as JobSpec[]];
    if (group === joined) continue;
    group.push(...joined);
    for (const one of joined) groups.set(one, group);
  }
  return groups;
}
