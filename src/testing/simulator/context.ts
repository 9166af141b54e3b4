import {
  createQueue,
  type Definitions,
  type Environment,
  type Gate,
  gates,
  type HandlerContext,
  type Queue,
  type QueueOptions,
  type Store,
  type StoreNotice,
  schema,
  type Worker,
} from '../../core/index.ts';
import type { Part } from './part.ts';
import type { Random } from './random.ts';
import type { Servers } from './servers.ts';
import { Life, type Timeline } from './timeline.ts';

/** Any instant does; this one is a round one in 2025. */
const START = 1_750_000_000_000;
/** Timers come a little late, each time another bit. */
const LATE_MS = 3;
/** A gate that answers later does so within this. */
const ANSWER_MS = 300;

/** A tab, a worker, an object: where a queue runs, as definitions and handlers see it. */
export interface SimulatedContext {
  readonly name: string;
  /** 1 at the beginning; contexts that start after a deploy have a greater one. */
  readonly release: number;
  /** Names of the features that it has in use: all but `drop` and `owner` where the run has none; fewer only where the workload says `fewer`. */
  readonly features: ReadonlySet<string>;
  readonly environment: Environment;
  /** Opens and closes as the simulation likes. */
  readonly gate: Gate;
  /** The same, but it answers a little later. */
  readonly laterGate: Gate;
  /** Resolves after virtual ms; rejects with the reason when the signal is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * A request to a server of that name. Resolves when it has done what was asked; rejects as `send` does: with UnreachableError, ServerError or
   * DeadLetterError. Servers are well until the simulation does something to them; one of the name `dead` is so until the calm.
   */
  request(host: string, signal?: AbortSignal): Promise<void>;
  /** Ends the context at once, with all that runs in it. */
  crash(): void;
}

/** What the handlers of one worker that have not ended were given. */
export type Running = Set<HandlerContext>;

export interface ContextSetup {
  readonly name: string;
  readonly release: number;
  readonly part: Part;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly servers: Servers;
  crash(context: Context): void;
}

export class Context implements SimulatedContext {
  readonly name: string;
  readonly release: number;
  readonly part: Part;
  readonly life = new Life();
  readonly environment: Environment;
  readonly gate: Gate;
  readonly laterGate: Gate;
  /** Ids under which its workers hold leases. */
  readonly workerIds = new Set<string>();
  /** How far its clock is ahead. */
  clockMs = 0;
  /** Timers of the queue that are armed. */
  timers = 0;
  /** Since when nothing was done to it, on the timeline. */
  healthySince: number;
  /** Until when it cannot reach its store. */
  outageUntil = 0;
  /** Until when it has no network. */
  offlineUntil = 0;
  /** Store calls so far. */
  calls = 0;
  /** Who hears what its store says of itself. */
  readonly notices = new Set<(notice: StoreNotice) => void>();
  /** Set at once after it is made. */
  queue!: Queue<Definitions>;
  jobs!: Definitions;
  gates: Readonly<Record<string, Gate>> = {};
  worker: Worker | undefined;
  /** Handlers of that worker. */
  running: Running = new Set();
  readonly #setup: ContextSetup;
  readonly #gateListeners = new Set<() => void>();
  #gateOpen = true;

  constructor(setup: ContextSetup) {
    this.#setup = setup;
    this.name = setup.name;
    this.release = setup.release;
    this.part = setup.part;
    this.healthySince = setup.timeline.elapsed;
    let ids = 0;
    this.environment = {
      now: () => START + setup.timeline.elapsed + this.clockMs,
      setTimer: (callback, ms) => this.#setTimer(callback, ms),
      yield: () => this.sleep(0),
      id: () => `${this.name}-${++ids}`,
    };
    this.gate = {
      isOpen: () => this.#gateOpen,
      subscribe: (listener) => {
        this.#gateListeners.add(listener);
        return () => this.#gateListeners.delete(listener);
      },
    };
    this.laterGate = {
      ...this.gate,
      isOpen: () => this.sleep(setup.random.between(0, ANSWER_MS)).then(() => this.#gateOpen),
    };
  }

  open(
    name: string,
    { jobs, gates: by }: Pick<Context, 'jobs' | 'gates'>,
    store: Store,
    options: Omit<QueueOptions, 'name' | 'jobs' | 'store' | 'environment'>,
  ): void {
    const { environment } = this;
    this.jobs = jobs;
    const hasGates = this.features.has('gates');
    this.gates = hasGates ? by : {};
    const use = [...(options.use ?? []), ...(hasGates ? [gates(by)] : []), schema()];
    this.queue = createQueue({ name, jobs, store, environment, ...options, use });
  }

  get features(): ReadonlySet<string> {
    return this.part.features;
  }

  #setTimer(callback: () => void, ms: number): () => void {
    this.timers += 1;
    let armed = true;
    const disarm = () => {
      if (armed) this.timers -= 1;
      armed = false;
    };
    const late = this.#setup.random.between(0, LATE_MS);
    const cancel = this.#setup.timeline.after(
      ms + late,
      () => {
        disarm();
        callback();
      },
      this.life,
    );
    return () => {
      disarm();
      cancel();
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.#setup.timeline.after(
        ms,
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        this.life,
      );
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  request(host: string, signal?: AbortSignal): Promise<void> {
    return this.#setup.servers.request(host, this, signal);
  }

  setGate(open: boolean): void {
    this.#gateOpen = open;
    for (const listener of this.#gateListeners) listener();
  }

  crash(): void {
    this.#setup.crash(this);
  }

  get isUp(): boolean {
    return this.life.state === 'alive';
  }

  /** Something is done to it, for so long: what it owes is counted from the end of that. */
  disturb(forMs = 0): void {
    this.healthySince = Math.max(this.healthySince, this.#setup.timeline.elapsed + forMs);
  }

  /** All is well with it again. */
  heal(): void {
    this.#setup.timeline.thaw(this.life);
    this.clockMs = 0;
    this.outageUntil = 0;
    this.offlineUntil = 0;
    this.setGate(true);
    this.disturb();
  }
}
