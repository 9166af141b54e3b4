import { InvalidOptionError } from '../../kernel/errors.ts';
import { type BulkOptions, type BulkResult, checkItems, type Items } from '../../operations/bulk.ts';
import { checkId } from '../../operations/check-ids.ts';
import { enqueueAll, enqueueing } from '../../operations/enqueue-many.ts';
import type { CheckedJob } from '../../queue/checked-job.ts';
import { type Context, contextOf } from '../../queue/context.ts';
import type { Definitions } from '../../queue/definitions.ts';
import type { EnqueueItem } from '../../queue/enqueue-item.ts';
import { toItem } from '../../queue/enqueue-items.ts';
import { checkKnown, checkText } from '../../queue/options.ts';
import type { Queue } from '../../queue/queue.ts';
import { callable, type OfId, type PublicOperation, type SpreadCall } from '../../queue/queue-operation.ts';
import { admitPayloads, checkSpec } from '../../queue/sent-spec.ts';
import { closeBatch, countBatch, putBatch } from './batches.ts';
import type { BatchCounts, PutBatchRequest } from './messages.ts';
import { checkUse, checkUsed, type FlowSpec } from './options.ts';

/** Jobs that are counted together, however many calls they come in. */
export interface Batch<Jobs extends Definitions = Definitions, Options extends object = object> {
  readonly id: string;
  /**
   * Enqueues into the batch, as `enqueueMany` does. It counts each job that carries a payload of it, until that has ended: also one that was
   * there and took the payload by its key (`replaced`). A duplicate took nothing and is not counted. One whose payload is replaced from
   * outside of the batch counts as cancelled. Rejects with InvalidOptionError when it is closed.
   */
  add(items: Items<Jobs, Options>, options?: BulkOptions): Promise<BulkResult>;
  /** No more jobs are added: when all have ended, the batch is over and its `whenDone` is enqueued, once. An empty one is over at once. */
  close(): Promise<void>;
  /** Undefined: never there, or over for more than a day. */
  counts(): Promise<BatchCounts | undefined>;
}

export interface BatchOptions<Jobs extends Definitions, Options extends object = object> {
  /** To find it again, in any context: a batch with this id that is there goes on, with the `whenDone` of its first call. Default: one of its own. */
  readonly id?: string;
  /**
   * Enqueued when every job of the batch has ended, whichever way; no limit refuses it. Its handler finds the counts as
   * `job.results.batch`: { total, completed, dead, cancelled }.
   */
  readonly whenDone?: EnqueueItem<Jobs, Options>;
}

/** A batch and its jobs lie in one object. */
const spread = async <Args extends OfId, Answer>(
  call: SpreadCall<Args, Answer>,
  args: Args,
): Promise<Answer> => call.ask(await call.placeOf(args.id, countingBatch), args);

export const puttingBatch: PublicOperation<PutBatchRequest, void> = {
  name: 'putBatch',
  kind: 'enqueuer',
  check(given, { accepts }) {
    checkUse('batch', accepts);
    const { id, whenDone } = checkKnown('arguments', given as PutBatchRequest, ['id', 'whenDone']);
    return {
      id: checkText('id', id),
      ...(whenDone !== undefined && { whenDone: checkLast(checkSpec('whenDone', whenDone, accepts)) }),
    };
  },
  admit: ({ whenDone }, host) => admitPayloads(host, whenDone ? [whenDone] : []),
  instants: { args: ['whenDone.runAt'] },
  stays: ['whenDone.sealed'],
  rule: (request, codec) => putBatch(codec, request),
  spread,
};

export const closingBatch: PublicOperation<OfId, boolean> = {
  name: 'closeBatch',
  kind: 'drainer',
  check: checkId,
  rule: (request) => (rows, now) => closeBatch(rows, request, now),
  hint: () => 'work',
  spread,
};

export const countingBatch: PublicOperation<OfId, BatchCounts | undefined> = {
  name: 'countBatch',
  kind: 'reader',
  check: checkId,
  rule:
    ({ id }) =>
    (rows) =>
      countBatch(rows, id),
  spread,
};

/**
 * Opens a batch, whose jobs are counted together. The id of an open batch returns that one. Close it when all jobs are added.
 *
 * @example
 * const photos = await batch(queue, { whenDone: { name: 'album.publish', payload: album } });
 * await photos.add(items);
 * await photos.close();
 *
 * @throws InvalidOptionError, UnknownJobError, PayloadError; StoreError, StoreClosedError
 */
export const batch = /* @__PURE__ */ callable(
  [puttingBatch, closingBatch, countingBatch, enqueueing],
  async <Jobs extends Definitions, Options extends object = object>(
    queue: Queue<Jobs, Options>,
    given: BatchOptions<Jobs, NoInfer<Options>> = {},
  ): Promise<Batch<Jobs, Options>> => {
    const context = contextOf(queue);
    context.checkOpen();
    checkUsed('batch', context);
    const options = checkKnown('batch options', given, ['id', 'whenDone']);
    const id = options.id === undefined ? context.environment.id() : checkText('id', options.id);
    const last = options.whenDone !== undefined && { whenDone: await lastOf(context, options.whenDone) };
    const put = () => context.run(puttingBatch, { id, ...last });
    await put().catch((error) => {
      // A batch that is there stays as it is, so the call can be repeated when its answer was lost.
      if (Object(error).retryable === true) return put();
      throw error;
    });
    return handleOf(context, id) as unknown as Batch<Jobs, Options>;
  },
);

async function lastOf({ intake }: Context, item: EnqueueItem<Definitions>): Promise<FlowSpec> {
  const { name, payload, options: how } = toItem('whenDone', item);
  const { spec, checking } = intake.toSpec(name, payload, how);
  checkLast(spec);
  await checking;
  return spec;
}

/** Throws InvalidOptionError. */
function checkLast(spec: FlowSpec): FlowSpec {
  const { id, known, idempotencyKey, dependsOn, batch } = spec;
  if (dependsOn !== undefined)
    throw new InvalidOptionError(
      'whenDone.dependsOn',
      Object.keys(dependsOn),
      'nothing: it waits for its batch',
    );
  // As a duplicate it would not come, and nobody would hear of it.
  if (known || idempotencyKey !== undefined)
    throw new InvalidOptionError(
      'whenDone',
      known ? id : idempotencyKey,
      'a job without id and idempotencyKey: it comes once with its batch',
    );
  if (batch !== undefined)
    throw new InvalidOptionError('whenDone.batch', batch, 'nothing: it comes after its batch');
  return spec;
}

function handleOf(context: Context, id: string): Batch {
  const join = (jobs: readonly CheckedJob[]) =>
    jobs.map((job): CheckedJob => ({ ...job, spec: { ...job.spec, batch: id } as FlowSpec }));
  return {
    id,
    add: async (items, options = {}) => {
      checkItems(items);
      return enqueueAll(context, items, options, join);
    },
    close: async () => {
      await context.call(closingBatch, { id });
    },
    counts: () => context.call(countingBatch, { id }),
  };
}
