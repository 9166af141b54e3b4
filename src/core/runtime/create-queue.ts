import { InvalidOptionError, StoreClosedError } from '../errors.ts';
import type { EnqueueAnswer } from '../messages.ts';
import type { JobStore } from '../store.ts';
import { type Batch, Batches, type BatchOptions } from './batches.ts';
import type { BulkOptions, BulkResult, Items } from './bulk.ts';
import { type Definitions, defineJobs } from './definitions.ts';
import { Emitter, type EventName, type QueueEvents } from './emitter.ts';
import { type DeadFilter, EndedJobs, type SweepOptions } from './ended-jobs.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import { Enqueuer } from './enqueuer.ts';
import { type Environment, inWholeMs, systemEnvironment } from './environment.ts';
import { Estate, type PurgeOptions } from './estate.ts';
import type { Flow, FlowAnswer } from './flow.ts';
import type { Handlers } from './handler.ts';
import { checkKeepRules, KEEP_OPTIONS } from './keep-options.ts';
import { Looking } from './looking.ts';
import { checkMiddleware } from './middleware.ts';
import { checkGrace, checkKnown, checkMs, checkSignal, checkText, hasMethods } from './options.ts';
import { ownedStore } from './owned-store.ts';
import type {
  ClearFilter,
  EnqueueItem,
  JobFilter,
  ListOptions,
  LogOptions,
  Queue,
  QueueOptions,
} from './queue.ts';
import { checkLimits, LIMIT_OPTIONS } from './queue-limits.ts';
import { Results } from './results.ts';
import { type ReadyOptions, Room } from './room.ts';
import type { ScheduleDefinition } from './schedule-definition.ts';
import { JobSchedules } from './schedules.ts';
import { checkShared } from './shared-limits.ts';
import { Snapshot } from './snapshot.ts';
import { Steering } from './steering.ts';
import { Subscribers } from './subscribers.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from './worker-options.ts';
import { WORKER_OPTIONS, Workers } from './workers.ts';

const HOUR_MS = 3_600_000;
const OPTIONS = [
  'name',
  'jobs',
  'store',
  'owner',
  ...LIMIT_OPTIONS,
  'maxActive',
  'ageing',
  'dedupeMs',
  'middleware',
  ...KEEP_OPTIONS,
  'schedules',
  'cron',
  'environment',
];

/** Makes a queue. Touches neither store nor platform before it is used. Throws InvalidOptionError at once. */
export function createQueue<const Jobs extends Definitions>(options: QueueOptions<Jobs>): Queue<Jobs> {
  return new JobQueue(options);
}

/** What a queue is made of: the way in, the workers, what looks and what steers. */
class JobQueue<Jobs extends Definitions> implements Queue<Jobs> {
  readonly name: string;
  readonly schedules: JobSchedules;
  readonly #store: JobStore;
  readonly #environment: Environment;
  readonly #emitter: Emitter;
  readonly #subscribers: Subscribers;
  readonly #snapshot: Snapshot;
  readonly #workers: Workers;
  readonly #enqueuer: Enqueuer;
  readonly #looking: Looking;
  readonly #steering: Steering;
  readonly #endedJobs: EndedJobs;
  readonly #results: Results;
  readonly #room: Room;
  readonly #estate: Estate;
  readonly #batches: Batches;
  #unhint: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(given: QueueOptions<Jobs>) {
    const options = checkKnown('createQueue options', given, OPTIONS);
    const { owner, dedupeMs = HOUR_MS } = options;
    const environment = inWholeMs(options.environment ?? systemEnvironment);
    const name = checkText('name', options.name);
    const jobs = new Map(Object.entries(defineJobs(options.jobs)));
    if (!hasMethods(options.store, 'enqueue', 'exchange'))
      throw new InvalidOptionError('store', options.store, 'a store such as memoryStore()');
    const store = owner === undefined ? options.store : ownedStore(options.store, checkText('owner', owner));
    const limits = checkLimits(options);
    const keep = checkKeepRules(options);
    this.name = name;
    this.#store = store;
    this.#environment = environment;
    const tell = (error: unknown) => this.#emitter.emit('worker:error', { error });
    this.#snapshot = new Snapshot(() => this.#looking.count(), tell);
    this.#subscribers = new Subscribers(environment, () => this.#snapshot.refresh(), tell);
    this.#emitter = new Emitter(this.#subscribers.changed);
    const shared = { queue: name, store, environment, emitter: this.#emitter };
    const layers = checkMiddleware(options.middleware);
    this.#enqueuer = new Enqueuer({
      ...shared,
      jobs,
      limits,
      dedupeMs: checkMs('dedupeMs', dedupeMs),
      layers: layers.enqueue,
      checkOpen: () => this.#checkOpen(),
      onEnqueued: () => this.#workers.hear('work'),
    });
    const toSpec = (jobName: string, payload: unknown, how: EnqueueOptions) =>
      this.#enqueuer.toSpec(jobName, payload, how);
    this.schedules = new JobSchedules({
      ...shared,
      toSpec,
      declared: options.schedules as Readonly<Record<string, ScheduleDefinition>> | undefined,
      cron: options.cron,
      checkOpen: () => this.#checkOpen(),
      onChange: () => this.#workers.hear('work'),
    });
    this.#workers = new Workers(
      {
        ...shared,
        schedules: this.schedules,
        shared: checkShared(options),
        toSpec,
        around: this.#enqueuer.around,
        layers: layers.run,
        keep,
      },
      jobs,
    );
    this.#batches = new Batches({
      ...shared,
      toSpec,
      enqueueAll: (items, how, amend) => this.#enqueuer.enqueueAll(items, how, amend),
      checkOpen: () => this.#checkOpen(),
      onChange: () => this.#workers.hear('work'),
    });
    const runs = (jobName: string) => this.#workers.runs(jobName);
    this.#looking = new Looking({ ...shared, jobs, runs });
    const onHint = this.#workers.hear.bind(this.#workers);
    this.#steering = new Steering({ ...shared, name, jobs, looking: this.#looking, onHint });
    this.#endedJobs = new EndedJobs({ ...shared, jobs, keep, onHint });
    this.#results = new Results(shared);
    const subscribe = (listener: () => void) => this.subscribe(listener);
    this.#room = new Room({ ...shared, limits, subscribe });
    this.#estate = new Estate({ ...shared, subscribe, onHint });
  }

  enqueue(name: string, payload: unknown, options?: EnqueueOptions) {
    return this.#enqueuer.enqueue(name, payload, options);
  }

  enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]>;
  enqueueMany(items: Items<Jobs>, options: BulkOptions): Promise<BulkResult>;
  enqueueMany(items: readonly EnqueueItem<Jobs>[] | Items<Jobs>, options?: BulkOptions) {
    return options === undefined
      ? this.#enqueuer.enqueueMany(items as readonly EnqueueItem<Jobs>[])
      : this.#enqueuer.enqueueAll(items, options);
  }

  enqueueFlow<const Steps extends Flow<Jobs>>(flow: Steps) {
    return this.#enqueuer.enqueueFlow(flow) as Promise<FlowAnswer<Steps>>;
  }

  batch(options: BatchOptions<Jobs> = {}): Promise<Batch<Jobs>> {
    return this.#batches.open(options as unknown as BatchOptions<Definitions>) as unknown as Promise<
      Batch<Jobs>
    >;
  }

  prepare(name: string, payload: unknown, options?: EnqueueOptions) {
    return this.#enqueuer.prepare(name, payload, options);
  }

  ready(options?: ReadyOptions) {
    return this.#room.ready(options);
  }

  work(handlers: Handlers<Jobs>, options: WorkerOptions = {}): Worker {
    this.#checkOpen();
    const { loop, stop } = this.#workers.launch(handlers, options, 'work');
    this.#listen();
    const end: Worker['stop'] = (how = {}) => checked(() => stop(checkGrace('stop options', how)));
    return { id: loop.id, stop: end, [Symbol.asyncDispose]: () => end() };
  }

  async drain(handlers: Handlers<Jobs>, options: DrainOptions = {}): Promise<Drained> {
    this.#checkOpen();
    const { deadlineMs, ...rest } = checkKnown('drain options', options, [...WORKER_OPTIONS, 'deadlineMs']);
    const deadline = deadlineMs === undefined ? undefined : checkMs('deadlineMs', deadlineMs);
    const { loop, over, stop } = this.#workers.launch(handlers, rest, 'drain');
    this.#listen();
    const cancel =
      deadline === undefined ? undefined : this.#environment.setTimer(() => void stop(0), deadline);
    await over;
    cancel?.();
    return { ...loop.tally };
  }

  /** Hints of other contexts are heard from the first worker or subscriber on. */
  #listen(): void {
    this.#unhint ??= this.#store.onHint?.(this.name, (hint) => {
      this.#workers.hear(hint);
      this.#subscribers.changed();
      this.#results.hear();
    });
  }

  get(id: string) {
    return this.#looking.get(id);
  }

  list(options: ListOptions) {
    return this.#looking.list(options);
  }

  listAll(filter: JobFilter) {
    return this.#looking.listAll(filter);
  }

  count() {
    return this.#looking.count();
  }

  explain(id: string) {
    return this.#looking.explain(id);
  }

  stats() {
    return this.#looking.stats();
  }

  log(options?: LogOptions) {
    return this.#looking.log(options);
  }

  cancel(id: string) {
    return this.#steering.cancel(id);
  }

  redrive(id: string, options: { readonly payload?: unknown } = {}) {
    return this.#endedJobs.redrive(id, options);
  }

  redriveMany(filter: DeadFilter = {}, options: SweepOptions = {}) {
    return this.#endedJobs.redriveMany(filter, options);
  }

  removeMany(filter: DeadFilter = {}, options: SweepOptions = {}) {
    return this.#endedJobs.removeMany(filter, options);
  }

  prune(options: { readonly signal?: AbortSignal } = {}) {
    return this.#endedJobs.prune(options);
  }

  async result(id: string, options: { readonly signal?: AbortSignal } = {}) {
    this.#checkOpen();
    const { signal } = checkKnown('result options', options, ['signal']);
    const wanted = this.#results.of(checkText('id', id), checkSignal('signal', signal));
    this.#listen();
    return wanted;
  }

  remove(id: string) {
    return this.#steering.remove(id);
  }

  clear(filter?: ClearFilter) {
    return this.#steering.clear(filter);
  }

  pause(name?: string) {
    return this.#steering.pause(name);
  }

  resume(name?: string) {
    return this.#steering.resume(name);
  }

  hold(name: string, until: Date | number) {
    return this.#steering.hold(name, until);
  }

  export() {
    return this.#estate.export();
  }

  purge(options?: PurgeOptions) {
    return this.#estate.purge(options);
  }

  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Bound, as views take it without its queue. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listen();
    return this.#subscribers.add(listener);
  };

  readonly getSnapshot = () => this.#snapshot.get(this.#subscribers.changed);

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    return checked(() => {
      const graceMs = checkGrace('close options', options);
      this.#closing ??= this.#close(graceMs);
      return this.#closing;
    });
  }

  async #close(graceMs: number): Promise<void> {
    await this.#workers.stop(graceMs);
    await this.#enqueuer.settled();
    this.#unhint?.();
    this.#room.close();
    this.#subscribers.close();
    this.#looking.close();
    this.#results.close(new StoreClosedError(`queue ${JSON.stringify(this.name)}`));
    await this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreClosedError(`queue ${JSON.stringify(this.name)}`);
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
