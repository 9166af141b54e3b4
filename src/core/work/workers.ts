import { InvalidOptionError, type PayloadError } from '../kernel/errors.ts';
import type { Hint } from '../kernel/store.ts';
import { markOf } from '../kernel/worked.ts';
import type { Context } from '../queue/context.ts';
import { definitionOf, type JobDefinition } from '../queue/definitions.ts';
import type { HeldJob } from '../queue/emitter.ts';
import { laterTask } from '../queue/later-task.ts';
import { checkCount, checkKnown, checkMs, checkSignal, DEFAULT_GRACE_MS, reading } from '../queue/options.ts';
import { type Part, type Runs, runsOf } from '../queue/part.ts';
import { knownName } from '../queue/shared-limits.ts';
import { Chain } from './chain.ts';
import { ComingHolds } from './coming-holds.ts';
import type { Handler } from './handler.ts';
import { Left } from './left.ts';
import { returned } from './returned.ts';
import { workPartsOf } from './work-part.ts';
import { WorkLoop } from './worker.ts';
import type { DrainOptions, WorkerOptions } from './worker-options.ts';
import type { QueueSetup, Work, WorkerSetup } from './worker-setup.ts';

const WORKER_OPTIONS = ['concurrency', 'leaseMs', 'timeoutGraceMs', 'overlapAfterMs', 'maxJobs', 'signal'];
export const DRAIN_OPTIONS = [...WORKER_OPTIONS, 'deadlineMs', 'waitFor', 'lift'];
const MIN_LEASE_MS = 1_000;
const DEFAULT_OVERLAP_AFTER_MS = 20_000;

/** A loop that runs. */
export interface Launched {
  readonly loop: WorkLoop;
  /** Resolves when the loop is over. */
  readonly over: Promise<void>;
  /** The shortest grace counts; each call answers `over`. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** The workers that run in this context for one queue. */
export class Workers implements Part {
  readonly #context: Context;
  readonly #setup: QueueSetup;
  readonly #launched = new Set<Launched>();
  readonly #left: Left;
  readonly #comingHolds = new ComingHolds();

  /** Throws InvalidOptionError for what `createQueue` was given for workers. */
  constructor(context: Context) {
    const { name, line, environment, emitter, intake, options, setup } = context;
    this.#context = context;
    this.#setup = {
      context,
      name,
      line,
      environment: { ...environment, yield: () => laterTask(environment) },
      emitter,
      use: setup.use,
      chain: (from) =>
        intake.around?.chain(from) ??
        new Chain((item) => intake.toSpec(item.name, item.payload, item.options)),
      parts: workPartsOf(context),
      shared: options.shared,
      outage: options.outage,
      evictable: isServiceWorker() ? { evictable: true } : {},
      run: (operation, args) => line.run(operation, args, context),
    };
    this.#left = new Left(({ claimed: { job } }, until) => emitter.emit('job:stuck', { job, until }));
  }

  /** Throws InvalidOptionError and UnknownJobError for what `launch` would refuse. */
  check(handlers: object, given: WorkerOptions): void {
    this.#check(handlers, checkKnown('worker options', given, WORKER_OPTIONS), () => {});
  }

  /** Throws InvalidOptionError and UnknownJobError before anything is begun. `drain`: it ends by itself. */
  launch(handlers: object, given: WorkerOptions, drain?: Pick<Required<DrainOptions>, 'waitFor'>): Launched {
    const options = checkKnown('worker options', given, WORKER_OPTIONS);
    const setup = this.#check(handlers, options, (hint) => {
      this.hear(hint, loop);
      this.#context.freed(hint);
    });
    this.#context.checkOpen();
    if (drain === undefined) this.#checkNew(setup.works);
    const loop = new WorkLoop(setup, drain?.waitFor);
    const over = loop.run();
    const stop = (graceMs: number) => {
      loop.stop(graceMs);
      return over;
    };
    const { signal } = options;
    const onAbort = () => void stop(DEFAULT_GRACE_MS);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    const launched = { loop, over, stop };
    this.#launched.add(launched);
    this.#context.listen();
    void over.then(() => {
      this.#launched.delete(launched);
      signal?.removeEventListener('abort', onAbort);
    });
    return launched;
  }

  hear(hint: Hint, except?: WorkLoop): void {
    for (const { loop } of this.#launched) if (loop !== except) loop.hear(hint);
  }

  runs(name: string): Runs {
    return runsOf([...this.#launched].map(({ loop }) => loop.runs(name)));
  }

  /** Since when a handler that outlived its attempt keeps this job from beginning here; undefined: none does. */
  stuckSince(id: string): number | undefined {
    return this.#left.since(id, this.#setup.environment.now());
  }

  /** What they have claimed and not settled. */
  held(): HeldJob[] {
    return [...this.#launched].flatMap(({ loop }) => loop.held());
  }

  workerIds(): string[] {
    return [...this.#launched].map(({ loop }) => loop.id);
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all([...this.#launched].map(({ stop }) => stop(graceMs)));
  }

  #check(handlers: object, options: WorkerOptions, onFreed: WorkerSetup['onFreed']): WorkerSetup {
    const { concurrency = 4, leaseMs = 30_000, timeoutGraceMs = 5_000, maxJobs } = options;
    const { overlapAfterMs = DEFAULT_OVERLAP_AFTER_MS } = options;
    checkSignal('signal', options.signal);
    const works = this.#works(handlers);
    return {
      ...this.#setup,
      works,
      runs: [...works].map(([name, { definition }]) => markOf(name, knownName(definition).version)),
      left: this.#left,
      comingHolds: this.#comingHolds,
      concurrency: checkCount('concurrency', concurrency),
      leaseMs: checkMs('leaseMs', leaseMs, MIN_LEASE_MS),
      timeoutGraceMs: checkMs('timeoutGraceMs', timeoutGraceMs),
      overlapAfterMs: checkMs('overlapAfterMs', overlapAfterMs),
      maxJobs: maxJobs === undefined ? undefined : checkCount('maxJobs', maxJobs),
      onFreed,
      onHold: (isStored) => {
        for (const { loop } of this.#launched) loop.hearHold(isStored);
      },
    };
  }

  /** A second worker for a name is nearly always one that was forgotten: its handler ran beside the new one. */
  #checkNew(works: ReadonlyMap<string, Work>): void {
    for (const { loop } of this.#launched)
      for (const name of works.keys())
        if (loop.works(name)) throw new InvalidOptionError('handlers', name, 'one without a worker here');
  }

  #works(handlers: object): Map<string, Work> {
    if (typeof handlers !== 'object' || handlers === null)
      throw new InvalidOptionError('handlers', handlers, 'an object');
    const works = new Map<string, Work>();
    for (const [name, handler] of reading('handlers', handlers, () => Object.entries(handlers))) {
      const definition = definitionOf(this.#context.jobs, name);
      if (typeof handler !== 'function')
        throw new InvalidOptionError(`handlers[${JSON.stringify(name)}]`, handler, 'a function');
      works.set(name, this.#workOf(definition, handler as Handler<unknown>));
    }
    return works;
  }

  /** The handler with what features put around it. */
  #workOf(definition: JobDefinition, handler: Handler<unknown>): Work {
    const refused = new WeakSet<object>();
    const handling = {
      definition,
      refuse(error: PayloadError) {
        refused.add(error);
        return error;
      },
    };
    return {
      definition,
      handler: this.#setup.use.reduceRight<Handler<unknown>>(
        (inner, { around }) => around?.run?.(checked(inner), handling) ?? inner,
        handler,
      ),
      isRefusal: (thrown): thrown is PayloadError => refused.has(thrown as object),
    };
  }
}

/** A failed response is a failure for what is around it, too: traces would call it done. */
const checked =
  (handler: Handler<unknown>): Handler<unknown> =>
  async (payload, context) =>
    returned(await handler(payload, context));

/** Cloudflare's workers have the class, too, and nothing to skip. */
const isServiceWorker = (): boolean =>
  'ServiceWorkerGlobalScope' in globalThis && 'skipWaiting' in globalThis;
