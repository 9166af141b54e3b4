import { asyncDispose } from '../dispose.ts';
import { InvalidOptionError } from '../kernel/errors.ts';
import type { EnqueueAnswer } from '../kernel/messages.ts';
import type { Batch, BatchOptions } from '../operations/batches.ts';
import type { DeadFilter, RedriveOptions, SweepOptions } from '../operations/ended-jobs.ts';
import type { PurgeOptions } from '../operations/estate.ts';
import { RETRY_NOW, type RetryNowFilter, retryJobs } from '../operations/retry-now.ts';
import type { JobSchedules } from '../operations/schedules.ts';
import type { Handlers } from '../work/handler.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from '../work/worker-options.ts';
import { DRAIN_OPTIONS } from '../work/workers.ts';
import type { BulkOptions, BulkResult, Items } from './bulk.ts';
import type { Definitions } from './definitions.ts';
import type { EventName, QueueEvents } from './emitter.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Flow, FlowAnswer } from './flow.ts';
import { checkGrace, checkKnown, checkMs, checkSignal, checkText } from './options.ts';
import type {
  ClearFilter,
  EnqueueItem,
  JobFilter,
  ListOptions,
  LogOptions,
  Queue,
  QueueOptions,
} from './queue.ts';
import { QueueParts } from './queue-parts.ts';
import type { ReadyOptions } from './room.ts';

/** Makes a queue. Touches neither store nor platform before it is used. Throws InvalidOptionError at once. */
export function createQueue<const Jobs extends Definitions>(options: QueueOptions<Jobs>): Queue<Jobs> {
  return new JobQueue(options);
}

/** The face of a queue: its parts do the work. */
class JobQueue<Jobs extends Definitions> implements Queue<Jobs> {
  readonly name: string;
  readonly schedules: JobSchedules;
  /** Bound, as views take it without its queue. */
  readonly subscribe: Queue['subscribe'];
  readonly #parts: QueueParts;

  constructor(options: QueueOptions<Jobs>) {
    const parts = new QueueParts(options as unknown as QueueOptions);
    this.name = parts.name;
    this.schedules = parts.schedules;
    this.subscribe = parts.subscribe;
    this.#parts = parts;
  }

  enqueue(name: string, payload: unknown, options?: EnqueueOptions) {
    return this.#parts.intake.enqueue(name, payload, options);
  }

  enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]>;
  enqueueMany(items: Items<Jobs>, options: BulkOptions): Promise<BulkResult>;
  enqueueMany(items: Items<Jobs>, options?: BulkOptions) {
    return this.#parts.intake.enqueueMany(items, options);
  }

  enqueueFlow<const Steps extends Flow<Jobs>>(flow: Steps) {
    return this.#parts.intake.enqueueFlow(flow) as Promise<FlowAnswer<Steps>>;
  }

  batch(options: BatchOptions<Jobs> = {}): Promise<Batch<Jobs>> {
    return this.#parts.batches.open(options as unknown as BatchOptions<Definitions>) as unknown as Promise<
      Batch<Jobs>
    >;
  }

  prepare(name: string, payload: unknown, options?: EnqueueOptions) {
    return this.#parts.intake.prepare(name, payload, options);
  }

  ready(options?: ReadyOptions) {
    return this.#parts.room.ready(options);
  }

  work(handlers: Handlers<Jobs>, options: WorkerOptions = {}): Worker {
    this.#parts.checkOpen();
    const { loop, stop } = this.#parts.workers.launch(handlers, options);
    this.#parts.listen();
    const end: Worker['stop'] = (how = {}) => checked(() => stop(checkGrace('stop options', how)));
    return { id: loop.id, stop: end, [asyncDispose]: () => end() };
  }

  async drain(handlers: Handlers<Jobs>, options: DrainOptions = {}): Promise<Drained> {
    this.#parts.checkOpen();
    const {
      deadlineMs,
      waitFor = 0,
      lift = false,
      ...rest
    } = checkKnown('drain options', options, DRAIN_OPTIONS);
    const deadline = deadlineMs === undefined ? undefined : checkMs('deadlineMs', deadlineMs);
    if (waitFor !== 'empty') checkMs('waitFor', waitFor);
    if (typeof lift !== 'boolean') throw new InvalidOptionError('lift', lift, 'true or false');
    const { loop, over, stop } = this.#parts.workers.launch(handlers, rest, { waitFor });
    if (lift) loop.lift();
    this.#parts.listen();
    const cancel =
      deadline === undefined ? undefined : this.#parts.environment.setTimer(() => void stop(0), deadline);
    await over;
    cancel?.();
    return loop.drained;
  }

  readonly [RETRY_NOW] = (filter: RetryNowFilter) => retryJobs(this.#parts.steering.setup, filter);

  get(id: string) {
    return this.#parts.looking.get(id);
  }

  list(options: ListOptions) {
    return this.#parts.looking.list(options);
  }

  listAll(filter: JobFilter) {
    return this.#parts.looking.listAll(filter);
  }

  count() {
    return this.#parts.looking.count();
  }

  explain(id: string) {
    return this.#parts.looking.explain(id);
  }

  stats() {
    return this.#parts.looking.stats();
  }

  log(options?: LogOptions) {
    return this.#parts.looking.log(options);
  }

  cancel(id: string) {
    return this.#parts.steering.cancel(id);
  }

  redrive(id: string, options: RedriveOptions = {}) {
    return this.#parts.endedJobs.redrive(id, options);
  }

  redriveMany(filter: DeadFilter = {}, options: SweepOptions = {}) {
    return this.#parts.endedJobs.redriveMany(filter, options);
  }

  removeMany(filter: DeadFilter = {}, options: SweepOptions = {}) {
    return this.#parts.endedJobs.removeMany(filter, options);
  }

  prune(options: { readonly signal?: AbortSignal } = {}) {
    return this.#parts.endedJobs.prune(options);
  }

  async result(id: string, options: { readonly signal?: AbortSignal } = {}) {
    this.#parts.checkOpen();
    const { signal } = checkKnown('result options', options, ['signal']);
    const wanted = this.#parts.results.of(checkText('id', id), checkSignal('signal', signal));
    this.#parts.listen();
    return wanted;
  }

  remove(id: string) {
    return this.#parts.steering.remove(id);
  }

  clear(filter?: ClearFilter) {
    return this.#parts.steering.clear(filter);
  }

  pause(name?: string) {
    return this.#parts.steering.pause(name);
  }

  resume(name?: string) {
    return this.#parts.steering.resume(name);
  }

  hold(name: string, until: Date | number) {
    return this.#parts.steering.hold(name, until);
  }

  export() {
    return this.#parts.estate.export();
  }

  purge(options?: PurgeOptions) {
    return this.#parts.estate.purge(options);
  }

  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    return this.#parts.emitter.on(name, listener);
  }

  readonly getSnapshot = () => this.#parts.snapshot.get(this.#parts.subscribers.changed);

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    return checked(() => this.#parts.close(checkGrace('close options', options)));
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What is thrown at once rejects instead; the promise stays the same one. */
function checked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}
