import {
  createQueue,
  DeadLetterError,
  type Definitions,
  type Hint,
  type MemoryBacking,
  memoryBacking,
  memoryStore,
  type Queue,
  type QueueOptions,
  ServerError,
  type Store,
  UnreachableError,
  type Worker,
  work,
} from 'holdfast';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';

const OF_WORKERS: ReadonlySet<string> = new Set(['exchange', 'extend', 'reclaim']);

/** What a server makes of a request. */
export type Answer = 'ok' | 'unreached' | 'failed' | 'refused' | UnreachableError | Error;

/** A request as the server saw it, or would have. */
export interface Request {
  readonly at: number;
  readonly tab: string;
  readonly id: string;
  readonly target: string;
  readonly answer: string;
}

export interface Tab<Jobs extends Definitions> {
  readonly name: string;
  readonly queue: Queue<Jobs>;
  readonly worker: Worker;
  /** The network may be back, or somebody looks at the page. */
  online(): void;
  /** Ends without a word: what it runs never ends, its leases run out. */
  kill(): void;
}

export interface WorldOptions<Jobs extends Definitions>
  extends Partial<Pick<QueueOptions<Jobs>, 'outageMs' | 'probeMaxMs'>> {
  /** How long a request takes. Default 100 ms. */
  readonly tookMs?: number;
  readonly answer: (request: Omit<Request, 'answer'>) => Answer;
}

/** Tabs that share a queue over one store, and servers of which the test says how they are. */
export class World<Jobs extends Definitions> {
  readonly environment: FakeEnvironment = fakeEnvironment();
  readonly requests: Request[] = [];
  readonly done = new Set<string>();
  readonly dead = new Set<string>();
  readonly events: string[] = [];
  /** When a target was closed first. */
  readonly closedAt = new Map<string, number>();
  readonly #jobs: Jobs;
  readonly #options: WorldOptions<Jobs>;
  readonly #backing: MemoryBacking = memoryBacking();
  readonly #listeners = new Map<string, (hint: Hint) => void>();
  readonly #start = this.environment.now();
  inFlight = 0;
  mostInFlight = 0;

  constructor(jobs: Jobs, options: WorldOptions<Jobs>) {
    this.#jobs = jobs;
    this.#options = options;
  }

  get now(): number {
    return this.environment.now() - this.#start;
  }

  /** Lets time pass until the condition holds, or that long. Answers whether it does. */
  async until(condition: () => boolean, ms: number, stepMs = 1_000): Promise<boolean> {
    for (const end = this.now + ms; this.now < end && !condition(); )
      await this.environment.advance(Math.min(stepMs, end - this.now));
    return condition();
  }

  tab(name: string, concurrency = 4): Tab<Jobs> {
    const killed = { is: false };
    const store = this.#open(name, killed);
    const { answer: _, tookMs: _t, ...options } = this.#options;
    const queue = createQueue({
      name: 'sync',
      jobs: this.#jobs,
      store,
      environment: this.environment,
      ...options,
    });
    queue.on('job:completed', ({ job }) => this.done.add(job.id));
    queue.on('job:dead', ({ job }) => this.dead.add(job.id));
    queue.on('target:closed', ({ target, reason }) => {
      this.events.push(`${name} closed ${target}: ${reason}`);
      if (!this.closedAt.has(target)) this.closedAt.set(target, this.now);
    });
    queue.on('target:opened', ({ target }) => this.events.push(`${name} opened ${target}`));
    const handlers = Object.fromEntries(
      Object.keys(this.#jobs).map((job) => [job, this.#handler(name, killed)]),
    );
    const worker = work(queue, handlers as never, { concurrency });
    return {
      name,
      queue: queue as never,
      worker,
      online: () => this.#listeners.get(name)?.('online'),
      kill: () => {
        killed.is = true;
        this.#listeners.delete(name);
      },
    };
  }

  #handler(tab: string, killed: { is: boolean }) {
    return async (
      _: unknown,
      { job, signal }: { job: { id: string; name: string; target?: string }; signal: AbortSignal },
    ) => {
      const request = { at: this.now, tab, id: job.id, target: job.target ?? job.name };
      const answer = this.#options.answer(request);
      this.requests.push({ ...request, answer: typeof answer === 'string' ? answer : answer.name });
      this.inFlight += 1;
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
      await this.#pass(this.#options.tookMs ?? 100, signal);
      this.inFlight -= 1;
      if (killed.is) await new Promise<never>(() => {});
      if (answer instanceof Error) throw answer;
      if (answer === 'unreached') throw new UnreachableError('nobody answered');
      if (answer === 'failed') throw new ServerError('the server answered 500', { status: 500 });
      if (answer === 'refused') throw new DeadLetterError('the server answered 422', { status: 422 });
      return undefined;
    };
  }

  #pass(ms: number, _signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => this.environment.setTimer(resolve, ms));
  }

  /** Hints come at once, as between the tabs of a browser. */
  #open(name: string, killed: { is: boolean }): Store {
    const store = memoryStore({ backing: this.#backing });
    const dead = new Promise<never>(() => {});
    return {
      ...store,
      transact: (transaction) =>
        killed.is && OF_WORKERS.has(transaction.name) ? dead : store.transact(transaction),
      onHint: (queue, listener) => {
        this.#listeners.set(name, listener);
        const end = store.onHint?.(queue, listener);
        return () => {
          this.#listeners.delete(name);
          end?.();
        };
      },
    };
  }

  /** Requests that came while the predicate held. */
  count(of: (request: Request) => boolean): number {
    return this.requests.filter(of).length;
  }
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
