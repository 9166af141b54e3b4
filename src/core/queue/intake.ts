import { InvalidOptionError } from '../kernel/errors.ts';
import type { EnqueueAnswer, JobSpec } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import type { EnqueueStore } from '../kernel/store.ts';
import { AroundEnqueue, type Wanted } from './around-enqueue.ts';
import { Bulk, type BulkOptions, type BulkResult, checkItems, type Items } from './bulk.ts';
import { Committer } from './committer.ts';
import { type Definitions, definitionOf } from './definitions.ts';
import type { Emitter } from './emitter.ts';
import { toItem, toItems } from './enqueue-items.ts';
import { type CheckedJob, copyOptions, type EnqueueOptions, toSpec } from './enqueue-options.ts';
import type { Environment } from './environment.ts';
import { type Flow, Steps } from './flow.ts';
import type { EnqueueLayer } from './middleware.ts';
import type { EnqueueItem, Prepared } from './queue.ts';
import type { Limits } from './queue-limits.ts';

/** What enqueueing needs of its queue. */
export interface IntakeSetup {
  /** As its user knows it. */
  readonly name: string;
  /** As the store knows it. */
  readonly queue: string;
  readonly store: EnqueueStore;
  readonly environment: Environment;
  readonly emitter: Emitter;
  readonly jobs: ReadonlyMap<string, Definitions[string]>;
  readonly limits: Limits;
  readonly dedupeMs: number;
  /** Middleware around enqueue. */
  readonly layers: readonly EnqueueLayer[];
  /** Throws when the queue is closed. */
  readonly checkOpen: () => void;
  /** There may be something to claim: after a duplicate too, as the call before it, whose answer was lost, may have stored the job. */
  readonly onEnqueued: () => void;
}

/** What jobs become before they are stored together. */
type Amend = (jobs: readonly CheckedJob[]) => readonly CheckedJob[];

const asTheyAre: Amend = (jobs) => jobs;

/** The way in: checks jobs, hands them to the store and tells what came of it. */
export class Intake {
  readonly #setup: IntakeSetup;
  readonly #committer: Committer;
  /** Absent without middleware: then there is nothing to pay for it. */
  readonly around: AroundEnqueue | undefined;

  constructor(setup: IntakeSetup) {
    this.#setup = setup;
    this.#committer = new Committer(setup.store, setup.queue, setup.limits, setup.environment);
    const { layers, name, jobs, dedupeMs, environment, emitter } = setup;
    if (layers.length > 0)
      this.around = new AroundEnqueue(layers, {
        queue: name,
        dedupeMs,
        id: environment.id,
        definitionOf: (jobName) => definitionOf(jobs, jobName),
        tellError: (error) => emitter.emit('worker:error', { error }),
      });
  }

  async enqueue(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<EnqueueAnswer> {
    const [answer] = await this.#enqueue([{ name, payload, options }]);
    return answer as EnqueueAnswer;
  }

  /** With options however many, chunk by chunk; without, a single call. */
  async enqueueMany(
    items: Items<Definitions>,
    options?: BulkOptions,
  ): Promise<readonly EnqueueAnswer[] | BulkResult> {
    return options === undefined
      ? this.#enqueue(toItems(items as readonly EnqueueItem<Definitions>[]))
      : this.enqueueAll(items, options);
  }

  /** However many: chunk by chunk. */
  async enqueueAll(
    items: Items<Definitions>,
    options: BulkOptions,
    amend: Amend = asTheyAre,
  ): Promise<BulkResult> {
    this.#setup.checkOpen();
    checkItems(items);
    const enqueue = async (chunk: readonly Wanted[]) => this.#enqueue(chunk, amend);
    return new Bulk({ copy: copyItem, enqueue }, this.#setup.environment, options).run(items);
  }

  async enqueueFlow(flow: Flow<Definitions>): Promise<Record<string, EnqueueAnswer>> {
    const steps = new Steps(flow);
    return steps.answers(await this.#enqueue(steps.items, steps.tie));
  }

  #enqueue(items: readonly Wanted[], amend: Amend = asTheyAre): Promise<readonly EnqueueAnswer[]> {
    this.#setup.checkOpen();
    return this.around === undefined || items.length === 0
      ? this.#commit(amend(items.map(({ name, payload, options }) => this.toSpec(name, payload, options))))
      : this.around.store(items, (jobs) => this.#commit(amend(jobs)));
  }

  async #commit(jobs: readonly CheckedJob[]): Promise<readonly EnqueueAnswer[]> {
    this.#setup.checkOpen();
    if (jobs.length === 0) return [];
    if (jobs.some(({ checking }) => checking !== undefined)) await this.#checked(jobs);
    const bytes = jobs.reduce((sum, job) => sum + job.bytes, 0);
    const answers = await this.#committer.enqueue(
      jobs.map(({ spec }) => spec),
      bytes,
    );
    answers.forEach((answer, i) => {
      this.#tellEnqueued(answer, jobs[i]?.spec.name ?? '');
    });
    this.#setup.onEnqueued();
    return answers;
  }

  /** Waits for schemas that answer later. */
  async #checked(jobs: readonly CheckedJob[]): Promise<void> {
    await Promise.all(jobs.map(({ checking }) => checking));
    this.#setup.checkOpen();
  }

  #tellEnqueued({ id, status, dropped }: EnqueueAnswer, name: string): void {
    for (const job of dropped ?? []) this.#setup.emitter.emit('job:dropped', { ...job });
    this.#setup.emitter.emit(status === 'duplicate' ? 'job:duplicate' : 'job:enqueued', { id, name });
  }

  toSpec(name: string, payload: unknown, options: EnqueueOptions): CheckedJob {
    const { jobs, environment, dedupeMs } = this.#setup;
    return toSpec(name, definitionOf(jobs, name), payload, options, { id: environment.id, dedupeMs });
  }

  async prepare(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<Prepared> {
    this.#setup.checkOpen();
    const job =
      this.around === undefined
        ? this.toSpec(name, payload, options)
        : await this.around.prepare({ name, payload, options });
    if (job.checking !== undefined) await this.#checked([job]);
    let { spec } = job;
    await this.#setup.store.checkPayload?.(spec.payload);
    return {
      addTo: (transaction) => {
        const added = this.#addTo(transaction, spec);
        // Added again, because the transaction was aborted or by mistake, it is still one job.
        spec = { ...spec, known: true };
        return added;
      },
    };
  }

  #addTo(transaction: unknown, spec: JobSpec): ReturnType<Prepared['addTo']> {
    const { store, environment, checkOpen } = this.#setup;
    checkOpen();
    if (store.enqueueIn === undefined)
      throw new InvalidOptionError(
        'store',
        store,
        'one that can join a transaction of the app: indexedDBStore',
      );
    const request = this.#committer.request([spec]);
    const committed = store.enqueueIn(transaction, request, environment.now()).then(([answer]) => {
      this.#tellEnqueued(answer as EnqueueAnswer, spec.name);
      this.#setup.onEnqueued();
      return answer as EnqueueAnswer;
    });
    committed.catch(() => undefined); // Who does not look at it has the transaction's own outcome.
    return { id: spec.id, committed };
  }

  /** Resolves when no enqueue is under way. */
  settled(): Promise<void> {
    return this.#committer.settled();
  }
}

/** For an item that is stored later than it was given: what becomes of it meanwhile changes nothing. */
function copyItem(item: EnqueueItem<Definitions>, index: number): Wanted {
  const { name, payload, options } = toItem('items', item, index);
  const { value } = sealPayload(payload, { blobs: true });
  return { name, payload: value, options: copyOptions(options) };
}
