import { InvalidOptionError, StoreClosedError, UnknownJobError } from '../errors.ts';
import type { EnqueueAnswer, JobSpec, SelectRequest } from '../messages.ts';
import type { JobStore } from '../store.ts';
import { Committer } from './committer.ts';
import { type Definitions, defineJobs } from './definitions.ts';
import { Emitter, type EventName, type QueueEvents } from './emitter.ts';
import { toItems } from './enqueue-items.ts';
import { type CheckedJob, type EnqueueOptions, toSpec } from './enqueue-options.ts';
import { type Environment, inWholeMs, systemEnvironment } from './environment.ts';
import type { Handlers } from './handler.ts';
import {
  checkCount,
  checkCursor,
  checkGrace,
  checkInstant,
  checkKnown,
  checkMs,
  checkOneOf,
  checkText,
  hasMethods,
} from './options.ts';
import type { EnqueueItem, ListOptions, Prepared, Queue, QueueOptions } from './queue.ts';
import { Subscribers } from './subscribers.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from './worker-options.ts';
import { WORKER_OPTIONS, Workers } from './workers.ts';

const HOUR_MS = 3_600_000;
const OPTIONS = ['name', 'jobs', 'store', 'maxDepth', 'maxBytes', 'dedupeMs', 'environment'];
const LIST_OPTIONS = ['state', 'name', 'limit', 'cursor'];
const STATES = ['pending', 'active', 'completed', 'dead', 'cancelled'] as const;

/** Makes a queue. Touches neither store nor platform before it is used. Throws InvalidOptionError at once. */
export function createQueue<const Jobs extends Definitions>(options: QueueOptions<Jobs>): Queue<Jobs> {
  return new JobQueue(options);
}

class JobQueue<Jobs extends Definitions> implements Queue<Jobs> {
  readonly name: string;
  readonly #jobs: ReadonlyMap<string, Definitions[string]>;
  readonly #store: JobStore;
  readonly #environment: Environment;
  readonly #dedupeMs: number;
  readonly #emitter: Emitter;
  readonly #committer: Committer;
  readonly #subscribers: Subscribers;
  readonly #workers: Workers;
  #unhint: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(given: QueueOptions<Jobs>) {
    const options = checkKnown('createQueue options', given, OPTIONS);
    const { store, maxDepth, maxBytes, dedupeMs = HOUR_MS } = options;
    const environment = inWholeMs(options.environment ?? systemEnvironment);
    this.name = checkText('name', options.name);
    this.#jobs = new Map(Object.entries(defineJobs(options.jobs)));
    if (!hasMethods(store, 'enqueue', 'exchange'))
      throw new InvalidOptionError('store', store, 'a store such as memoryStore()');
    this.#store = store;
    this.#environment = environment;
    this.#dedupeMs = checkMs('dedupeMs', dedupeMs);
    const limits = {
      ...(maxDepth === undefined ? {} : { maxDepth: checkCount('maxDepth', maxDepth) }),
      ...(maxBytes === undefined ? {} : { maxBytes: checkCount('maxBytes', maxBytes) }),
    };
    this.#committer = new Committer(store, this.name, limits, environment);
    this.#subscribers = new Subscribers(environment, (error) =>
      this.#emitter.emit('worker:error', { error }),
    );
    this.#emitter = new Emitter(this.#subscribers.changed);
    this.#workers = new Workers(
      {
        queue: this.name,
        store,
        environment,
        emitter: this.#emitter,
        toSpec: (jobName, payload, given) => this.#toSpec(jobName, payload, given),
      },
      this.#jobs,
    );
  }

  async enqueue(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<EnqueueAnswer> {
    const [answer] = await this.#enqueue([{ name, payload, options }]);
    return answer as EnqueueAnswer;
  }

  async enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]> {
    return this.#enqueue(toItems(items));
  }

  async #enqueue(items: readonly { name: string; payload: unknown; options: EnqueueOptions }[]) {
    this.#checkOpen();
    const specs = items.map(({ name, payload, options }) => this.#toSpec(name, payload, options));
    if (specs.length === 0) return [];
    if (specs.some(({ checking }) => checking !== undefined)) await this.#checked(specs);
    const bytes = specs.reduce((sum, spec) => sum + spec.bytes, 0);
    const answers = await this.#committer.enqueue(
      specs.map(({ spec }) => spec),
      bytes,
    );
    for (const [i, answer] of answers.entries()) this.#tellEnqueued(answer, items[i]?.name ?? '');
    return answers;
  }

  /** Waits for schemas that answer later. */
  async #checked(jobs: readonly CheckedJob[]): Promise<void> {
    await Promise.all(jobs.map(({ checking }) => checking));
    this.#checkOpen();
  }

  #tellEnqueued({ id, status }: EnqueueAnswer, name: string): void {
    this.#emitter.emit(status === 'duplicate' ? 'job:duplicate' : 'job:enqueued', { id, name });
    // A duplicate too: the call before it, whose answer was lost, may have stored the job.
    this.#workers.hear('work');
  }

  #toSpec(name: string, payload: unknown, options: EnqueueOptions): CheckedJob {
    const definition = this.#jobs.get(name);
    if (definition === undefined) throw new UnknownJobError(name, [...this.#jobs.keys()]);
    return toSpec(name, definition, payload, options, { id: this.#environment.id, dedupeMs: this.#dedupeMs });
  }

  async prepare(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<Prepared> {
    this.#checkOpen();
    const job = this.#toSpec(name, payload, options);
    if (job.checking !== undefined) await this.#checked([job]);
    let { spec } = job;
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
    this.#checkOpen();
    if (this.#store.enqueueIn === undefined)
      throw new InvalidOptionError(
        'store',
        this.#store,
        'one that can join a transaction of the app: indexedDBStore',
      );
    const request = this.#committer.request([spec]);
    const committed = this.#store
      .enqueueIn(transaction, request, this.#environment.now())
      .then(([answer]) => {
        this.#tellEnqueued(answer as EnqueueAnswer, spec.name);
        return answer as EnqueueAnswer;
      });
    committed.catch(() => undefined); // Who does not look at it has the transaction's own outcome.
    return { id: spec.id, committed };
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
    });
  }

  async get(id: string) {
    return this.#store.get({ queue: this.name, id: checkText('id', id) });
  }

  async list(options: ListOptions) {
    const { state, name, limit = 100, cursor } = checkKnown('list options', options, LIST_OPTIONS);
    if (checkCount('limit', limit) > 1_000) throw new InvalidOptionError('limit', limit, 'at most 1000');
    return this.#store.list({
      queue: this.name,
      state: checkOneOf('state', state, STATES),
      limit,
      ...(name === undefined ? {} : { name: checkText('name', name) }),
      ...(cursor === undefined ? {} : { cursor: checkCursor('cursor', cursor) }),
    });
  }

  async count() {
    return this.#store.count({ queue: this.name });
  }

  async cancel(id: string) {
    const answer = await this.#steer(id, (request, now) => this.#store.cancel(request, now));
    if (answer === 'cancelled') this.#emitter.emit('job:cancelled', { id });
    this.#workers.hear(answer === 'requested' ? 'cancel' : 'work');
    return answer;
  }

  async redrive(id: string) {
    const answer = await this.#steer(id, (request, now) => this.#store.redrive(request, now));
    this.#workers.hear('work');
    return answer;
  }

  async remove(id: string) {
    return this.#steer(id, (request, now) => this.#store.remove(request, now));
  }

  async #steer<Answer>(id: string, act: (request: SelectRequest, now: number) => Promise<readonly Answer[]>) {
    const [answer] = await act({ queue: this.name, ids: [checkText('id', id)] }, this.#environment.now());
    this.#subscribers.changed();
    return answer as Answer;
  }

  async pause() {
    await this.#store.pause({ queue: this.name }, this.#environment.now());
    this.#emitter.emit('queue:paused', { queue: this.name });
  }

  async resume() {
    await this.#store.resume({ queue: this.name }, this.#environment.now());
    this.#emitter.emit('queue:resumed', { queue: this.name });
    this.#workers.hear('work');
  }

  async hold(name: string, until: Date | number) {
    if (!this.#jobs.has(name)) throw new UnknownJobError(name, [...this.#jobs.keys()]);
    await this.#store.hold(
      { queue: this.name, name, until: checkInstant('until', until) },
      this.#environment.now(),
    );
  }

  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  subscribe(listener: () => void): () => void {
    this.#listen();
    return this.#subscribers.add(listener);
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    return checked(() => {
      const graceMs = checkGrace('close options', options);
      this.#closing ??= this.#close(graceMs);
      return this.#closing;
    });
  }

  async #close(graceMs: number): Promise<void> {
    await this.#workers.stop(graceMs);
    await this.#committer.settled();
    this.#unhint?.();
    this.#subscribers.close();
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
