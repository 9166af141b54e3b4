import type { PayloadEdit } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import { contextOf, type Handle } from '../queue/context.ts';
import { definitionOf } from '../queue/definitions.ts';
import { checkCount, checkKnown } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import type { Caller, Host } from '../queue/queue-operation.ts';
import { admitPayloads } from '../queue/sent-spec.ts';
import { getting } from './get.ts';

/** The payload as enqueue would take it in a job of this id. Undefined: there is no such job. Rejects with UnknownJobError, PayloadError. */
export async function payloadEdit(
  queue: Pick<Queue, 'jobs'> & Handle,
  id: string,
  payload: unknown,
): Promise<PayloadEdit | undefined> {
  const { value, size, plain } = sealPayload(payload, { blobs: true });
  const job = await queue.call(getting, { id });
  if (job === undefined) return undefined;
  const definition = definitionOf(queue.jobs, job.name);
  await contextOf(queue).accepts.admit(job.name, definition, value);
  return { payload: value, sealed: { size, plain }, version: definition.version ?? 1 };
}

/** What was measured elsewhere is measured here again. Throws InvalidOptionError, PayloadError. */
export function checkPayloadEdit(given: PayloadEdit): PayloadEdit {
  const { payload, version } = checkKnown('edit', given, ['payload', 'sealed', 'version']);
  const { value, size, plain } = sealPayload(payload, { blobs: true });
  return { payload: value, sealed: { size, plain }, version: checkCount('version', version) };
}

/** Checks for a caller elsewhere what `payloadEdit` checks. Rejects with PayloadError. */
export async function admitPayloadEdit(
  { ids, edit }: { readonly ids: readonly string[]; readonly edit?: PayloadEdit },
  host: Host & Caller,
): Promise<void> {
  if (edit === undefined) return;
  for (const id of ids) {
    const job = await host.call(getting, { id });
    if (job !== undefined) await admitPayloads(host, [{ ...edit, name: job.name }]);
  }
}
