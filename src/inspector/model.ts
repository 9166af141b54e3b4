import {
  explain,
  get,
  type Handle,
  type Job,
  list,
  listSchedules,
  type Queue,
  type Schedule,
  stats,
  watch,
  workers,
} from '../core/index.ts';
import { served } from '../core/operations/served.ts';
import { contextOf, rowsNow } from '../core/queue/context.ts';
import { ALL_ACTIONS, allowedBy, type InspectorAction } from './actions.ts';
import type { Filter, JobPage, Notice, Opened, Sample, Section, Shown, ShownJob } from './shown.ts';
import { Steering } from './steering.ts';

/** What readers may see of a job: as of `expose`. */
export type Redact = (job: Job) => Partial<Job>;

export interface ModelOptions {
  readonly actions: readonly InspectorAction[] | undefined;
  readonly redact: Redact | undefined;
  /** Something is to be shown anew. */
  readonly changed: () => void;
  /** Whether anybody can see it. */
  readonly isSeen: () => boolean;
}

const PAGE = 50;
/** Pages that one look reads at most, where few jobs match. */
const LOOKED_PAGES = 10;
const TICK_MS = 1_000;
/** Ages and workers change without an event. */
const REFRESH_TICKS = 5;
const SAMPLES = 60;

/**
 * A queue as the inspector shows it: reads what the open section needs, again whenever something may have changed, and does what its buttons say.
 * Between `start` and `stop` only.
 */
export class InspectorModel {
  readonly #queue: Queue;
  readonly #options: ModelOptions;
  readonly steer: Steering;
  readonly #denied = new Set<InspectorAction>();
  #ends: (() => void)[] | undefined;
  #ticks = 0;
  #reading: Promise<void> | undefined;
  #isStale = false;
  #served: readonly string[] | undefined;

  #section: Section = 'overview';
  #filter: Filter = { state: 'pending', pages: [] };
  #stats: Shown['stats'];
  #workers: Shown['workers'];
  #samples: readonly Sample[] = [];
  #page: JobPage | undefined;
  #selected: ReadonlySet<string> = new Set();
  #openId: string | undefined;
  #opened: Opened | null | undefined;
  #schedules: readonly Schedule[] | undefined;
  #notice: Notice | undefined;
  #failure: string | undefined;
  #acting = 0;

  constructor(queue: Handle, options: ModelOptions) {
    this.#queue = queue as Queue;
    this.#options = options;
    const act = (...deed: Parameters<InspectorModel['act']>) => this.act(...deed);
    this.steer = new Steering(this.#queue, act, () => this.#filter.name);
  }

  get shown(): Shown {
    return {
      queue: this.#queue.name,
      now: rowsNow(contextOf(this.#queue)),
      section: this.#section,
      filter: this.#filter,
      names: this.#names,
      stats: this.#stats,
      workers: this.#workers,
      workersHere: [...contextOf(this.#queue).parts.values()].flatMap((part) => part.workerIds?.() ?? []),
      samples: this.#samples,
      page: this.#page,
      selected: this.#selected,
      openId: this.#openId,
      opened: this.#opened,
      schedules: this.#schedules,
      actions: this.#actions,
      notice: this.#notice,
      failure: this.#failure,
      isBusy: this.#acting > 0,
    };
  }

  get #actions(): readonly InspectorAction[] {
    const wanted = this.#options.actions ?? ALL_ACTIONS;
    return allowedBy(wanted, this.#served).filter((action) => !this.#denied.has(action));
  }

  get #names(): readonly string[] {
    return [...new Set([...Object.keys(this.#queue.jobs), ...Object.keys(this.#stats?.names ?? {})])].sort();
  }

  start(): void {
    if (this.#ends !== undefined) return;
    const { environment } = contextOf(this.#queue);
    this.#ends = [watch(this.#queue).subscribe(() => this.refresh())];
    const tick = () => {
      this.#ticks += 1;
      if (this.#options.isSeen()) {
        if (this.#ticks % REFRESH_TICKS === 0) this.refresh();
        this.#options.changed();
      }
      cancelTimer = environment.setTimer(tick, TICK_MS);
    };
    let cancelTimer = environment.setTimer(tick, TICK_MS);
    this.#ends.push(() => cancelTimer());
    void this.#askServed();
    this.refresh();
  }

  stop(): void {
    for (const end of this.#ends?.splice(0) ?? []) end();
    this.#ends = undefined;
  }

  /** A host that is too old to say shows what it refuses when it is asked. */
  async #askServed(): Promise<void> {
    try {
      this.#served = await served(this.#queue);
      this.#options.changed();
    } catch {
      this.#served = undefined;
    }
  }

  show(section: Section): void {
    const state =
      section === 'dead' ? 'dead' : this.#filter.state === 'dead' ? 'pending' : this.#filter.state;
    this.#section = section;
    this.#openId = undefined;
    this.#notice = undefined;
    this.filter({ state, pages: [] });
  }

  filter(change: Partial<Filter>): void {
    const filter = { ...this.#filter, pages: [], ...change };
    if (filter.state !== this.#filter.state) this.#page = undefined;
    this.#filter = filter;
    this.#selected = new Set();
    this.#again();
  }

  select(ids: readonly string[], isSelected: boolean): void {
    const next = new Set(this.#selected);
    for (const id of ids)
      if (isSelected) next.add(id);
      else next.delete(id);
    this.#selected = next;
    this.#options.changed();
  }

  open(id: string | undefined): void {
    this.#openId = id;
    this.#opened = undefined;
    this.#notice = undefined;
    this.#again();
  }

  dismiss(): void {
    this.#notice = undefined;
    this.#options.changed();
  }

  #again(): void {
    this.#options.changed();
    this.refresh();
  }

  /** Reads once more behind a read that goes on. */
  refresh(): void {
    if (this.#ends === undefined) return;
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
  }

  async #readAll(): Promise<void> {
    while (this.#isStale && this.#ends !== undefined) {
      this.#isStale = false;
      try {
        await this.#read();
        this.#failure = undefined;
      } catch (error) {
        this.#failure = messageOf(error);
      }
      this.#options.changed();
    }
  }

  async #read(): Promise<void> {
    const { section, openId, filter } = {
      section: this.#section,
      openId: this.#openId,
      filter: this.#filter,
    };
    const isListed = section === 'jobs' || section === 'dead';
    const [read, crew, page, opened, schedules] = await Promise.all([
      stats(this.#queue),
      this.#serves('workers') ? workers(this.#queue) : undefined,
      isListed ? this.#readPage(filter) : undefined,
      openId === undefined ? undefined : this.#readJob(openId),
      section === 'schedules' && this.#serves('listSchedules') ? listSchedules(this.#queue) : undefined,
    ]);
    this.#stats = read;
    this.#workers = crew;
    this.#sample();
    // What was asked for meanwhile is read next.
    if (page !== undefined && filter === this.#filter) this.#keepPage(page);
    if (openId === this.#openId) this.#opened = opened;
    if (schedules !== undefined) this.#schedules = schedules;
  }

  #serves(name: string): boolean {
    return this.#served?.includes(name) ?? true;
  }

  #keepPage(page: JobPage): void {
    this.#page = page;
    const there = new Set(page.jobs.map(({ id }) => id));
    if ([...this.#selected].some((id) => !there.has(id)))
      this.#selected = new Set([...this.#selected].filter((id) => there.has(id)));
  }

  #sample(): void {
    const { counts } = this.#stats ?? {};
    if (counts === undefined) return;
    const at = rowsNow(contextOf(this.#queue));
    const last = this.#samples.at(-1);
    const one = { at, waiting: counts.pending, completed: counts.completed };
    const isSoon = last !== undefined && at - last.at < TICK_MS && this.#samples.length > 1;
    this.#samples = [...(isSoon ? this.#samples.slice(0, -1) : this.#samples), one].slice(-SAMPLES);
  }

  async #readPage({ state, name, search, pages }: Filter): Promise<JobPage> {
    if (search !== undefined && search !== '') {
      const one = await get(this.#queue, search);
      if (one !== undefined) return { jobs: [this.#redacted(one)], isOne: true };
    }
    const wanted = { state, ...(name && { name }), ...(search && { tag: search.replace(/^#/, '') }) };
    const jobs: ShownJob[] = [];
    let cursor = pages.at(-1);
    for (let looked = 0; looked < LOOKED_PAGES; looked += 1) {
      const answer = await list(this.#queue, {
        ...wanted,
        limit: PAGE - jobs.length,
        ...(cursor === undefined ? {} : { cursor }),
      });
      jobs.push(...answer.jobs.map((job) => this.#redacted(job as Job)));
      cursor = answer.cursor;
      if (cursor === undefined || jobs.length >= PAGE) break;
    }
    return { jobs, next: cursor, isOne: false };
  }

  async #readJob(id: string): Promise<Opened | null> {
    const found = await explain(this.#queue, id);
    if (found === undefined) return null;
    const job = this.#redacted(found.job as Job);
    const dependencies = await Promise.all(
      (job.dependsOn ?? []).slice(0, PAGE).map(async (other) => {
        const there = await get(this.#queue, other);
        return { id: other, job: there && this.#redacted(there as Job) };
      }),
    );
    return { job, waits: found.waits, dependencies };
  }

  #redacted(job: Job): ShownJob {
    const { redact } = this.#options;
    if (redact === undefined) return { ...(job as unknown as ShownJob), isRedacted: false };
    const { id, name, state, errors = [], ...rest } = { ...redact(job) };
    const kept = { id: id ?? job.id, name: name ?? job.name, state: state ?? job.state, errors };
    return { ...(rest as unknown as ShownJob), ...kept, isRedacted: true };
  }

  /** Does it, says what came of it, and reads again. */
  async act(action: InspectorAction, run: () => Promise<string>): Promise<void> {
    this.#acting += 1;
    this.#notice = undefined;
    this.#options.changed();
    try {
      this.#notice = { kind: 'done', text: await run() };
    } catch (error) {
      if (isDenied(error)) this.#denied.add(action);
      this.#notice = {
        kind: 'failed',
        text: isDenied(error) ? 'The host of this queue does not allow that.' : messageOf(error),
      };
    } finally {
      this.#acting -= 1;
      this.#again();
    }
  }
}

const messageOf = (error: unknown): string => String((error as Error | undefined)?.message ?? error);

/** By the host: it does not serve it, or not to us. */
function isDenied(error: unknown): boolean {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  return code === 'NotPermitted' || (code === 'InvalidOption' && String(message).startsWith('message.call'));
}
