import { InvalidOptionError } from '../kernel/errors.ts';
import type { Job } from '../kernel/job.ts';
import type {
  ClosedTarget,
  Counts,
  Explanation,
  KnownName,
  ListAnswer,
  LogEntry,
  Wait,
} from '../kernel/messages.ts';
import type { JobStore } from '../kernel/store.ts';
import type { Definitions } from '../queue/definitions.ts';
import type { Emitter } from '../queue/emitter.ts';
import type { Environment } from '../queue/environment.ts';
import { checkCount, checkCursor, checkKnown, checkOneOf, checkText } from '../queue/options.ts';
import type { JobFilter, ListOptions, LogOptions } from '../queue/queue.ts';
import { knownName, type SharedLimits } from '../queue/shared-limits.ts';
import { Measures, type NameMeasures } from './measures.ts';

const FILTER = ['state', 'name', 'tag'];
const LIST_OPTIONS = [...FILTER, 'limit', 'cursor'];
const STATES = ['pending', 'active', 'completed', 'dead', 'cancelled'] as const;
/** The most that a store lists at a time. */
const MAX_PAGE = 1_000;
const PAGE = 100;

/** What `stats` answers. */
export interface QueueStats {
  /** As `count` answers it. */
  readonly counts: Counts;
  /** From when on this context has measured: the first call of `stats`. Epoch ms. */
  readonly since: number;
  readonly names: Readonly<Record<string, NameStats>>;
  /** Targets to which nobody gets through, or that are being tried again. */
  readonly closedTargets: readonly ClosedTarget[];
}

/** Of one name: in the store, and with what this context measured. */
export interface NameStats extends NameMeasures {
  /** Jobs not parked and not running, delayed ones included. */
  readonly waiting: number;
  readonly active: number;
  /** How long the job has been due that is next; absent: none is due. */
  readonly oldestAgeMs?: number;
}

const NOTHING: NameMeasures = {
  completed: 0,
  retried: 0,
  released: 0,
  dead: 0,
  cancelled: 0,
  perMinute: 0,
};

/** What looking needs of its queue. */
export interface LookingSetup {
  /** As the store knows it. */
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly emitter: Emitter;
  readonly jobs: ReadonlyMap<string, Definitions[string]>;
  readonly shared: SharedLimits;
  /** Whether a worker of this context runs jobs of this name; false: their gate is closed, undefined: none has a handler for them. */
  readonly runs: (name: string) => boolean | undefined;
  /** Since when a handler that outlived its attempt keeps this job from beginning here. */
  readonly stuckSince: (id: string) => number | undefined;
}

/** Reads what is there. Changes nothing. */
export class Looking {
  readonly #setup: LookingSetup;
  readonly #known: Record<string, KnownName & { readonly slots: number }>;
  #measures: Measures | undefined;
  /** As they were read last. */
  lastCounts: Counts | undefined;

  constructor(setup: LookingSetup) {
    this.#setup = setup;
    const known = [...setup.jobs].map(([name, definition]) => [name, { ...knownName(definition), slots: 1 }]);
    this.#known = Object.fromEntries(known);
  }

  async get(id: string): Promise<Job | undefined> {
    const { queue, store } = this.#setup;
    return store.get({ queue, id: checkText('id', id) });
  }

  async count(): Promise<Counts> {
    const { queue, store } = this.#setup;
    this.lastCounts = await store.count({ queue });
    return this.lastCounts;
  }

  async list(options: ListOptions): Promise<ListAnswer> {
    const { limit = PAGE, cursor, ...filter } = checkKnown('list options', options, LIST_OPTIONS);
    if (checkCount('limit', limit) > MAX_PAGE)
      throw new InvalidOptionError('limit', limit, `at most ${MAX_PAGE}`);
    const from = cursor === undefined ? {} : { cursor: checkCursor('cursor', cursor) };
    return this.#page({ ...checkFilter(filter), limit, ...from });
  }

  #page(request: ListOptions & { readonly limit: number }): Promise<ListAnswer> {
    const { queue, store } = this.#setup;
    return store.list({ queue, ...request });
  }

  /** Checks at once. */
  listAll(given: JobFilter): AsyncIterableIterator<Job> {
    return this.#listAll(checkFilter(checkKnown('listAll filter', given, FILTER)));
  }

  async *#listAll(filter: JobFilter): AsyncIterableIterator<Job> {
    for await (const jobs of this.pages(filter)) yield* jobs;
  }

  /** Page by page; some may be empty. */
  async *pages(filter: JobFilter): AsyncIterableIterator<readonly Job[]> {
    let page: ListAnswer = { jobs: [] };
    do {
      const from = page.cursor === undefined ? {} : { cursor: page.cursor };
      page = await this.#page({ ...filter, limit: PAGE, ...from });
      yield page.jobs;
    } while (page.cursor !== undefined);
  }

  async explain(id: string): Promise<Explanation | undefined> {
    const { queue, store, environment } = this.#setup;
    const asked = { names: this.#known, ...this.#setup.shared, asksWorkers: true };
    const found = await store.explain({ queue, id: checkText('id', id), ...asked }, environment.now());
    if (found?.job.state !== 'pending') return found;
    const waits = found.waits.filter(({ why }) => why !== 'no-worker');
    const isWorked = waits.length === found.waits.length;
    return { job: found.job, waits: [...waits, ...this.#waitsHere(found.job, isWorked)] };
  }

  /** `isWorked`: somebody elsewhere runs its name. */
  #waitsHere({ id, name, version }: Job, isWorked: boolean): Wait[] {
    const { jobs, runs, stuckSince } = this.#setup;
    const definition = jobs.get(name);
    if (definition === undefined) return [{ why: 'unknown-name' }];
    const waits: Wait[] = [];
    const understood = definition.version ?? 1;
    if (version > understood) waits.push({ why: 'newer-version', version, understood });
    const running = runs(name);
    if (running === false) waits.push({ why: 'gate' });
    if (running === undefined && !isWorked) waits.push({ why: 'no-worker' });
    const since = stuckSince(id);
    if (since !== undefined) waits.push({ why: 'still-running', since });
    return waits;
  }

  async stats(): Promise<QueueStats> {
    const { queue, store, environment, emitter } = this.#setup;
    this.#measures ??= new Measures(emitter, environment);
    const [counts, stored] = await Promise.all([
      store.count({ queue }),
      store.stats({ queue }, environment.now()),
    ]);
    const here = this.#measures.byName();
    const names: Record<string, NameStats> = {};
    for (const name of new Set([...Object.keys(stored.names), ...here.keys()]))
      names[name] = { waiting: 0, active: 0, ...NOTHING, ...stored.names[name], ...here.get(name) };
    const { closedTargets = [] } = stored;
    return { counts, since: this.#measures.since, names, closedTargets };
  }

  async log(given: LogOptions = {}): Promise<readonly LogEntry[]> {
    const { after = 0, limit = PAGE } = checkKnown('log options', given, ['after', 'limit']);
    if (checkCount('limit', limit) > MAX_PAGE)
      throw new InvalidOptionError('limit', limit, `at most ${MAX_PAGE}`);
    const { queue, store } = this.#setup;
    return store.log({ queue, after: checkCount('after', after, 0), limit });
  }

  close(): void {
    this.#measures?.stop();
  }
}

/** Answers a copy. */
export function checkFilter({ state, name, tag }: JobFilter): JobFilter {
  return {
    state: checkOneOf('state', state, STATES),
    ...(name === undefined ? {} : { name: checkText('name', name) }),
    ...(tag === undefined ? {} : { tag: checkText('tag', tag) }),
  };
}
