import { StoreClosedError } from '../kernel/errors.ts';
import type { JobStore } from '../kernel/store.ts';
import { Batches } from '../operations/batches.ts';
import { EndedJobs } from '../operations/ended-jobs.ts';
import { Estate } from '../operations/estate.ts';
import { Looking } from '../operations/looking.ts';
import { Results } from '../operations/results.ts';
import { JobSchedules } from '../operations/schedules.ts';
import { Snapshot } from '../operations/snapshot.ts';
import { Steering } from '../operations/steering.ts';
import { Workers } from '../work/workers.ts';
import { Emitter } from './emitter.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Environment } from './environment.ts';
import { Intake } from './intake.ts';
import { checkIntake, checkStore, INTAKE_OPTIONS } from './intake-options.ts';
import { checkKeepRules, KEEP_OPTIONS } from './keep-options.ts';
import { emitNotices } from './notices.ts';
import { checkKnown } from './options.ts';
import { checkOutage, OUTAGE_OPTIONS } from './outage-options.ts';
import type { QueueOptions } from './queue.ts';
import { Room } from './room.ts';
import type { ScheduleDefinition } from './schedule-definition.ts';
import { checkShared } from './shared-limits.ts';
import { storeHandle } from './store-handle.ts';
import { Subscribers } from './subscribers.ts';

const OPTIONS = [
  ...INTAKE_OPTIONS,
  'maxActive',
  'ageing',
  ...KEEP_OPTIONS,
  ...OUTAGE_OPTIONS,
  'schedules',
  'cron',
];

/** What a queue is made of: the way in, the workers, what looks and what steers. */
export class QueueParts {
  readonly name: string;
  readonly environment: Environment;
  readonly emitter: Emitter;
  readonly subscribers: Subscribers;
  readonly snapshot: Snapshot;
  readonly schedules: JobSchedules;
  readonly workers: Workers;
  readonly intake: Intake;
  readonly looking: Looking;
  readonly steering: Steering;
  readonly endedJobs: EndedJobs;
  readonly results: Results;
  readonly room: Room;
  readonly estate: Estate;
  readonly batches: Batches;
  readonly #queue: string;
  readonly #store: JobStore;
  #unhint: (() => void) | undefined;
  readonly #unnotice: () => void;
  #closing: Promise<void> | undefined;

  /** Throws InvalidOptionError. */
  constructor(given: QueueOptions) {
    const options = checkKnown('createQueue options', given, OPTIONS);
    const { layers, limits, dedupeMs, jobs, ...names } = checkIntake(options);
    const keep = checkKeepRules(options);
    const { name, queue, environment } = names;
    const { store, join } = storeHandle(checkStore(options.store, 'enqueue', 'exchange'), describe(name));
    this.name = name;
    this.#queue = queue;
    this.#store = store;
    this.environment = environment;
    const tell = (error: unknown) => this.emitter.emit('worker:error', { error });
    this.snapshot = new Snapshot(() => this.looking.count(), tell);
    this.subscribers = new Subscribers(environment, () => this.snapshot.refresh(), tell);
    this.emitter = new Emitter(this.subscribers.changed);
    const shared = { ...names, jobs, store, emitter: this.emitter, checkOpen: this.checkOpen };
    const limitsOfAll = checkShared(options);
    const outage = checkOutage(options);
    const onChange = () => this.workers.hear('work');
    this.intake = new Intake({ ...shared, limits, dedupeMs, layers: layers.enqueue, onEnqueued: onChange });
    const toSpec = (jobName: string, payload: unknown, how: EnqueueOptions) =>
      this.intake.toSpec(jobName, payload, how);
    const declared = options.schedules as Readonly<Record<string, ScheduleDefinition>> | undefined;
    this.schedules = new JobSchedules({ ...shared, toSpec, declared, cron: options.cron, onChange });
    const { around } = this.intake;
    this.workers = new Workers(
      {
        ...shared,
        schedules: this.schedules,
        shared: limitsOfAll,
        toSpec,
        around,
        layers: layers.run,
        keep,
        outage,
      },
      jobs,
    );
    const enqueueAll = this.intake.enqueueAll.bind(this.intake);
    this.batches = new Batches({ ...shared, toSpec, enqueueAll, onChange });
    this.looking = new Looking({
      ...shared,
      shared: limitsOfAll,
      runs: (jobName) => this.workers.runs(jobName),
      stuckSince: (id) => this.workers.stuckSince(id),
    });
    const onHint = this.workers.hear.bind(this.workers);
    this.steering = new Steering({ ...shared, looking: this.looking, onHint });
    this.endedJobs = new EndedJobs({ ...shared, keep, onHint });
    this.results = new Results(shared);
    this.room = new Room({ ...shared, limits, subscribe: this.subscribe });
    this.estate = new Estate({ ...shared, subscribe: this.subscribe, onHint });
    this.#unnotice = emitNotices(store, this.emitter, name, () => {
      const known = { jobs: this.workers.held(), counts: this.looking.lastCounts };
      this.looking.lastCounts = undefined;
      this.schedules.declareAgain();
      return known;
    });
    join();
  }

  /** Hints of other contexts are heard from the first worker, subscriber or waiter on. */
  listen(): void {
    this.#unhint ??= this.#store.onHint?.(this.#queue, (hint) => {
      this.workers.hear(hint);
      this.subscribers.changed();
      this.results.hear();
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listen();
    return this.subscribers.add(listener);
  };

  /** A later call with a shorter grace hurries the first. */
  close(graceMs: number): Promise<void> {
    if (this.#closing !== undefined) void this.workers.stop(graceMs);
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    await this.workers.stop(graceMs);
    await this.intake.settled();
    this.#unhint?.();
    this.#unnotice();
    this.room.close();
    this.subscribers.close();
    this.looking.close();
    this.results.close(this.#closedError());
    await this.#store.close();
  }

  readonly checkOpen = (): void => {
    if (this.#closing !== undefined) throw this.#closedError();
  };

  #closedError(): StoreClosedError {
    return new StoreClosedError(describe(this.name));
  }
}

const describe = (name: string): string => `queue ${JSON.stringify(name)}`;
