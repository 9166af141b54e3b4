import type { Draft } from '../kernel/job.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import type { CheckedJob } from './checked-job.ts';
import type { JobDefinition } from './definitions.ts';
import { BESIDE, type CheckedOptions, type EnqueueOptions } from './enqueue-options.ts';
import { STORED } from './job-options.ts';
import type { OptionTable } from './option-table.ts';

/** What a queue says of all that is enqueued into it. */
export interface SpecRules {
  readonly accepts: OptionTable;
  readonly id: () => string;
  readonly dedupeMs: number;
}

/** Checks everything and copies the payload: what the caller changes afterwards changes no job. */
export function toSpec(
  name: string,
  definition: JobDefinition,
  payload: unknown,
  unchecked: EnqueueOptions,
  queue: SpecRules,
  blobs: boolean,
  newId = queue.id,
): CheckedJob {
  const given = queue.accepts.check(unchecked);
  const { value, size, plain } = sealPayload(payload, { blobs });
  const { id, priority = 0 } = given;
  const known = id !== undefined;
  const spec: Draft<JobSpec> = {
    id: id ?? newId(),
    known,
    name,
    version: definition.version ?? 1,
    priority,
    payload: value,
    sealed: { size, plain },
  };
  for (const option in given)
    (spec as unknown as Record<string, unknown>)[option] = given[option as keyof CheckedOptions];
  addDefaults(spec, definition);
  if (known && queue.dedupeMs > 0) spec.dedupeMs = queue.dedupeMs;
  queue.accepts.specify(spec);
  const checking = queue.accepts.admit(name, definition, value);
  if (checking === undefined) return { spec, bytes: size };
  checking.catch(() => undefined); // Another job of the batch may be refused first: then nobody waits for this one.
  return { spec, bytes: size, checking };
}

/** What the definition says and the enqueue does not. */
function addDefaults(spec: Draft<JobSpec>, definition: JobDefinition): void {
  for (const name in definition) {
    if (!Object.hasOwn(STORED, name)) continue;
    const option = name as keyof typeof STORED;
    const other = BESIDE[option] as keyof JobSpec | undefined;
    if (
      spec[option] === undefined &&
      definition[option] !== undefined &&
      (other === undefined || spec[other] !== undefined)
    )
      spec[option] = definition[option] as never;
  }
}
