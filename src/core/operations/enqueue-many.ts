import type { EnqueueAnswer, EnqueueRequest, JobSpec } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import { acceptJobs } from '../queue/accept-jobs.ts';
import type { Wanted } from '../queue/around.ts';
import { MAX_CALL_JOBS } from '../queue/committer.ts';
import { type Context, contextOf } from '../queue/context.ts';
import type { Definitions } from '../queue/definitions.ts';
import type { EnqueueItem } from '../queue/enqueue-item.ts';
import { toItem, toItems } from '../queue/enqueue-items.ts';
import type { Amend } from '../queue/intake.ts';
import { copyOptions, type OptionTable } from '../queue/option-table.ts';
import { checkBoolean, checkKnown, checkList } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { admitPayloads, checkSpec } from '../queue/sent-spec.ts';
import { Bulk, type BulkOptions, type BulkResult, checkItems, type Items } from './bulk.ts';

export const enqueueing: PublicOperation<EnqueueRequest, readonly EnqueueAnswer[]> = {
  ...acceptJobs,
  check(given, { accepts }) {
    const { jobs, repeated } = checkKnown('arguments', given as EnqueueRequest, ['jobs', 'repeated']);
    return {
      jobs: checkList<JobSpec>('jobs', jobs, MAX_CALL_JOBS).map((job, i) =>
        checkSpec(`jobs[${i}]`, job, accepts),
      ),
      ...(repeated !== undefined && { repeated: checkBoolean('repeated', repeated) }),
    };
  },
  admit: ({ jobs }, host) => admitPayloads(host, jobs),
};

interface EnqueueMany {
  <Jobs extends Definitions, Options extends object = object>(
    queue: Queue<Jobs, Options>,
    items: readonly EnqueueItem<Jobs, Options>[],
  ): Promise<readonly EnqueueAnswer[]>;
  <Jobs extends Definitions, Options extends object = object>(
    queue: Queue<Jobs, Options>,
    items: Items<Jobs, Options>,
    options: BulkOptions,
  ): Promise<BulkResult>;
}

/**
 * Enqueues many jobs. Without options: the whole list or nothing, at most 1,000 jobs or about 8 MB; returns answers in input order.
 * With options (or `{}`): any number, from any iterable, in chunks. One chunk is in memory at a time, and is accepted or refused as a whole, in order.
 * What was enqueued before an error or an abort stays.
 *
 * @example
 * await enqueueMany(queue, notes.map((note) => ({ name: 'note.push', payload: note, lane: note.id })));
 * const { enqueued } = await enqueueMany(queue, rowsOf(file), { ratePerSecond: 500 });
 *
 * @throws as `enqueue` does
 */
export const enqueueMany = /* @__PURE__ */ callable([enqueueing], (async (
  queue: Queue,
  items: Items<Definitions>,
  options?: BulkOptions,
) => {
  const context = contextOf(queue);
  return options === undefined
    ? context.intake.enqueue(toItems(items as readonly EnqueueItem<Definitions>[]))
    : enqueueAll(context, items, options);
}) as EnqueueMany);

/** However many: chunk by chunk. */
export async function enqueueAll(
  { checkOpen, intake, environment, accepts }: Context,
  items: Items<Definitions>,
  options: BulkOptions,
  amend?: Amend,
): Promise<BulkResult> {
  checkOpen();
  checkItems(items);
  const enqueue = async (chunk: readonly Wanted[]) => intake.enqueue(chunk, amend);
  return new Bulk({ copy: (item, i) => copyItem(item, i, accepts), enqueue }, environment, options).run(
    items,
  );
}

/** For an item that is stored later than it was given: what becomes of it meanwhile changes nothing. */
function copyItem(item: EnqueueItem<Definitions>, index: number, accepts: OptionTable): Wanted {
  const { name, payload, options } = toItem('items', item, index);
  const { value } = sealPayload(payload, { blobs: true });
  return { name, payload: value, options: copyOptions(accepts, options) };
}
