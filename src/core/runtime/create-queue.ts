import { InvalidOptionError, StoreClosedError, UnknownJobError } from '../errors.ts';
import type { EnqueueAnswer, JobSpec, SelectRequest } from '../messages.ts';
import type { Hint, JobStore } from '../store.ts';
import { Committer } from './committer.ts';
import { type Definitions, defineJobs } from './definitions.ts';
import { Emitter, type EventName, type QueueEvents } from './emitter.ts';
import { type EnqueueOptions, toSpec } from './enqueue-options.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import type { Handler, Handlers } from './handler.ts';
import { checkCount, checkInstant, checkKnown, checkMs, checkOneOf, checkText } from './options.ts';
import type { EnqueueItem, ListOptions, Prepared, Queue, QueueOptions } from './queue.ts';
import { Subscribers } from './subscribers.ts';
import { WorkLoop } from './worker.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from './worker-options.ts';
import type { Work, WorkerSetup } from './worker-setup.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_GRACE_MS = 5_000;
const OPTIONS = ['name', 'jobs', 'store', 'maxDepth', 'maxBytes', 'dedupeMs', 'environment'];
const WORK_OPTIONS = ['concurrency', 'leaseMs', 'timeoutGraceMs', 'signal'];
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
  readonly #emitter = new Emitter();
  readonly #committer: Committer;
  readonly #subscribers: Subscribers;
  readonly #loops = new Set<{ readonly loop: WorkLoop; readonly stop: (graceMs: number) => Promise<void> }>();
  #unhint: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: QueueOptions<Jobs>) {
    checkKnown('createQueue options', options, OPTIONS);
    const { store, environment = systemEnvironment, maxDepth, maxBytes, dedupeMs = HOUR_MS } = options;
    this.name = checkText('name', options.name);
    this.#jobs = new Map(Object.entries(defineJobs(options.jobs)));
    if (typeof store?.exchange !== 'function')
      throw new InvalidOptionError('store', store, 'a store such as memoryStore()');
    this.#store = store;
    this.#environment = environment;
    this.#dedupeMs = checkMs('dedupeMs', dedupeMs);
    const limits = {
      ...(maxDepth === undefined ? {} : { maxDepth: checkCount('maxDepth', maxDepth) }),
      ...(maxBytes === undefined ? {} : { maxBytes: checkCount('maxBytes', maxBytes) }),
    };
    this.#committer = new Committer(store, this.name, limits, environment);
    this.#subscribers = new Subscribers(environment);
    this.#emitter.onAny(this.#subscribers.changed);
  }

  async enqueue(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<EnqueueAnswer> {
    const [answer] = await this.#enqueue([{ name, payload, options }]);
    return answer as EnqueueAnswer;
  }

  async enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]> {
    if (!Array.isArray(items)) throw new InvalidOptionError('items', items, 'an array');
    return this.#enqueue(items.map(({ name, payload, ...options }) => ({ name, payload, options })));
  }

  async #enqueue(items: readonly { name: string; payload: unknown; options: EnqueueOptions }[]) {
    this.#checkOpen();
    const specs = items.map(({ name, payload, options }) => this.#toSpec(name, payload, options));
    if (specs.length === 0) return [];
    const bytes = specs.reduce((sum, spec) => sum + spec.bytes, 0);
    const answers = await this.#committer.enqueue(
      specs.map(({ spec }) => spec),
      bytes,
    );
    for (const [i, answer] of answers.entries()) this.#tellEnqueued(answer, items[i]?.name ?? '');
    return answers;
  }

  #tellEnqueued({ id, status }: EnqueueAnswer, name: string): void {
    this.#emitter.emit(status === 'duplicate' ? 'job:duplicate' : 'job:enqueued', { id, name });
    if (status !== 'duplicate') this.#hear('work');
  }

  #toSpec(name: string, payload: unknown, options: EnqueueOptions) {
    const definition = this.#jobs.get(name);
    if (definition === undefined) throw new UnknownJobError(name, [...this.#jobs.keys()]);
    return toSpec(name, definition, payload, options, { id: this.#environment.id, dedupeMs: this.#dedupeMs });
  }

  async prepare(name: string, payload: unknown, options: EnqueueOptions = {}): Promise<Prepared> {
    this.#checkOpen();
    const { spec } = this.#toSpec(name, payload, options);
    return { addTo: (transaction) => this.#addTo(transaction, spec) };
  }

  #addTo(transaction: unknown, spec: JobSpec): ReturnType<Prepared['addTo']> {
    this.#checkOpen();
    const { enqueueIn } = this.#store;
    if (enqueueIn === undefined)
      throw new InvalidOptionError(
        'store',
        this.#store,
        'one that can join a transaction of the app: indexedDBStore',
      );
    const committed = enqueueIn(transaction, this.#committer.request([spec]), this.#environment.now()).then(
      ([answer]) => {
        this.#tellEnqueued(answer as EnqueueAnswer, spec.name);
        return answer as EnqueueAnswer;
      },
    );
    committed.catch(() => undefined); // Who does not look at it has the transaction's own outcome.
    return { id: spec.id, committed };
  }

  work(handlers: Handlers<Jobs>, options: WorkerOptions = {}): Worker {
    this.#checkOpen();
    checkKnown('worker options', options, WORK_OPTIONS);
    const { loop, stop } = this.#launch(handlers, options, 'work');
    const end = ({ graceMs = DEFAULT_GRACE_MS } = {}) => stop(checkMs('graceMs', graceMs));
    return { id: loop.id, stop: async (how) => end(how), [Symbol.asyncDispose]: () => end() };
  }

  async drain(handlers: Handlers<Jobs>, options: DrainOptions = {}): Promise<Drained> {
    this.#checkOpen();
    const { deadlineMs, ...rest } = options;
    checkKnown('drain options', rest, WORK_OPTIONS);
    const deadline = deadlineMs === undefined ? undefined : checkMs('deadlineMs', deadlineMs);
    const { loop, over, stop } = this.#launch(handlers, rest, 'drain');
    const cancel =
      deadline === undefined ? undefined : this.#environment.setTimer(() => void stop(0), deadline);
    await over;
    cancel?.();
    return { ...loop.tally };
  }

  #launch(handlers: Handlers<Jobs>, options: WorkerOptions, mode: 'work' | 'drain') {
    const loop = new WorkLoop(this.#setup(handlers, options), mode);
    this.#listen();
    const over = loop.run();
    let stopped: Promise<void> | undefined;
    const stop = (graceMs: number) => {
      if (stopped === undefined) {
        stopped = over;
        loop.stop(graceMs);
      }
      return stopped;
    };
    const { signal } = options;
    const onAbort = () => void stop(DEFAULT_GRACE_MS);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    const launched = { loop, over, stop };
    this.#loops.add(launched);
    const gates = this.#subscribeGates(loop);
    void over.then(() => {
      this.#loops.delete(launched);
      signal?.removeEventListener('abort', onAbort);
      for (const end of gates) end();
    });
    return launched;
  }

  #setup(handlers: Handlers<Jobs>, options: WorkerOptions): WorkerSetup {
    const { concurrency = 4, leaseMs = 30_000, timeoutGraceMs = 5_000 } = options;
    return {
      queue: this.name,
      store: this.#store,
      environment: this.#environment,
      emitter: this.#emitter,
      works: this.#works(handlers),
      concurrency: checkCount('concurrency', concurrency),
      leaseMs: checkMs('leaseMs', leaseMs, 1_000),
      timeoutGraceMs: checkMs('timeoutGraceMs', timeoutGraceMs),
      toSpec: (name, payload, enqueueOptions) => this.#toSpec(name, payload, enqueueOptions).spec,
    };
  }

  #works(handlers: Handlers<Jobs>): Map<string, Work> {
    if (typeof handlers !== 'object' || handlers === null)
      throw new InvalidOptionError('handlers', handlers, 'an object');
    const works = new Map<string, Work>();
    for (const [name, handler] of Object.entries(handlers)) {
      const definition = this.#jobs.get(name);
      if (definition === undefined) throw new UnknownJobError(name, [...this.#jobs.keys()]);
      if (typeof handler !== 'function')
        throw new InvalidOptionError(`handlers[${JSON.stringify(name)}]`, handler, 'a function');
      works.set(name, { definition, handler: handler as Handler<unknown> });
    }
    return works;
  }

  #subscribeGates(loop: WorkLoop): (() => void)[] {
    const gates = new Set([...this.#jobs.values()].map(({ gate }) => gate));
    return [...gates].map((gate) => gate?.subscribe(() => loop.hear('work')) ?? (() => undefined));
  }

  /** Hints of other contexts are heard from the first worker or subscriber on. */
  #listen(): void {
    this.#unhint ??= this.#store.onHint?.(this.name, (hint) => {
      this.#hear(hint);
      this.#subscribers.changed();
    });
  }

  #hear(hint: Hint): void {
    for (const { loop } of this.#loops) loop.hear(hint);
  }

  async get(id: string) {
    return this.#store.get({ queue: this.name, id });
  }

  async list({ state, name, limit = 100, cursor }: ListOptions) {
    if (checkCount('limit', limit) > 1_000) throw new InvalidOptionError('limit', limit, 'at most 1000');
    return this.#store.list({
      queue: this.name,
      state: checkOneOf('state', state, STATES),
      limit,
      ...(name === undefined ? {} : { name }),
      ...(cursor === undefined ? {} : { cursor }),
    });
  }

  async count() {
    return this.#store.count({ queue: this.name });
  }

  async cancel(id: string) {
    const answer = await this.#steer(id, (request, now) => this.#store.cancel(request, now));
    if (answer === 'cancelled') this.#emitter.emit('job:cancelled', { id });
    this.#hear(answer === 'requested' ? 'cancel' : 'work');
    return answer;
  }

  async redrive(id: string) {
    const answer = await this.#steer(id, (request, now) => this.#store.redrive(request, now));
    this.#hear('work');
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
    this.#hear('work');
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

  close({ graceMs = DEFAULT_GRACE_MS } = {}): Promise<void> {
    this.#closing ??= this.#close(checkMs('graceMs', graceMs));
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    await Promise.all([...this.#loops].map(({ stop }) => stop(graceMs)));
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
