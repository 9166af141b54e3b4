import { InvalidOptionError } from '../kernel/errors.ts';
import type { BatchCounts, JobSpec } from '../kernel/messages.ts';
import type { JobStore } from '../kernel/store.ts';
import { type BulkOptions, type BulkResult, checkItems, type Items } from '../queue/bulk.ts';
import type { Definitions } from '../queue/definitions.ts';
import { toItem } from '../queue/enqueue-items.ts';
import type { CheckedJob, EnqueueOptions } from '../queue/enqueue-options.ts';
import type { Environment } from '../queue/environment.ts';
import { checkKnown, checkText } from '../queue/options.ts';
import type { EnqueueItem } from '../queue/queue.ts';

/** Jobs that are counted together, however many calls they come in. */
export interface Batch<Jobs extends Definitions = Definitions> {
  readonly id: string;
  /**
   * Enqueues into the batch, as `enqueueMany` does. It counts each job that carries a payload of it, until that has ended: also one that was
   * there and took the payload by its key (`replaced`). A duplicate took nothing and is not counted. One whose payload is replaced from
   * outside of the batch counts as cancelled. Rejects with InvalidOptionError when it is closed.
   */
  add(items: Items<Jobs>, options?: BulkOptions): Promise<BulkResult>;
  /** No more jobs are added: when all have ended, the batch is over and its `whenDone` is enqueued, once. An empty one is over at once. */
  close(): Promise<void>;
  /** Undefined: never there, or over for more than a day. */
  counts(): Promise<BatchCounts | undefined>;
}

export interface BatchOptions<Jobs extends Definitions> {
  /** To find it again, in any context: a batch with this id that is there goes on, with the `whenDone` of its first call. Default: one of its own. */
  readonly id?: string;
  /**
   * Enqueued when every job of the batch has ended, whichever way; no limit refuses it. Its handler finds the counts as
   * `job.results.batch`: { total, completed, dead, cancelled }.
   */
  readonly whenDone?: EnqueueItem<Jobs>;
}

export interface BatchesSetup {
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly toSpec: (name: string, payload: unknown, options: EnqueueOptions) => CheckedJob;
  readonly enqueueAll: (
    items: Items<Definitions>,
    options: BulkOptions,
    amend: (jobs: readonly CheckedJob[]) => readonly CheckedJob[],
  ) => Promise<BulkResult>;
  readonly checkOpen: () => void;
  readonly onChange: () => void;
}

/** Makes batches, and finds them again. */
export class Batches {
  readonly #setup: BatchesSetup;

  constructor(setup: BatchesSetup) {
    this.#setup = setup;
  }

  async open(given: BatchOptions<Definitions>): Promise<Batch> {
    const { queue, store, environment, checkOpen } = this.#setup;
    checkOpen();
    const options = checkKnown('batch options', given, ['id', 'whenDone']);
    const id = options.id === undefined ? environment.id() : checkText('id', options.id);
    const last = options.whenDone && { whenDone: await this.#lastOf(options.whenDone) };
    const request = { queue, id, ...last };
    const put = () => store.putBatch(request, environment.now());
    await put().catch((error) => {
      // A batch that is there stays as it is, so the call can be repeated when its answer was lost.
      if (Object(error).retryable === true) return put();
      throw error;
    });
    return this.#handle(id);
  }

  async #lastOf(item: EnqueueItem<Definitions>): Promise<JobSpec> {
    const { name, payload, options: how } = toItem('whenDone', item);
    const { spec, checking } = this.#setup.toSpec(name, payload, how);
    if (spec.dependsOn !== undefined)
      throw new InvalidOptionError('whenDone.dependsOn', how.dependsOn, 'nothing: it waits for its batch');
    // As a duplicate it would not come, and nobody would hear of it.
    if (how.id !== undefined || how.idempotencyKey !== undefined)
      throw new InvalidOptionError(
        'whenDone',
        how.id ?? how.idempotencyKey,
        'a job without id and idempotencyKey: it comes once with its batch',
      );
    await checking;
    return spec;
  }

  #handle(id: string): Batch {
    const { queue, store, environment, enqueueAll, onChange } = this.#setup;
    const join = (jobs: readonly CheckedJob[]) =>
      jobs.map((job): CheckedJob => ({ ...job, spec: { ...job.spec, batch: id } }));
    return {
      id,
      add: async (items, options = {}) => {
        checkItems(items);
        return enqueueAll(items, options, join);
      },
      close: async () => {
        await store.closeBatch({ queue, id }, environment.now());
        onChange();
      },
      counts: () => store.countBatch({ queue, id }),
    };
  }
}
