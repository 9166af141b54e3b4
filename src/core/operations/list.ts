import { InvalidOptionError } from '../kernel/errors.ts';
import type { Job, JobState } from '../kernel/job.ts';
import { list as listJobs } from '../kernel/look.ts';
import type { ListAnswer, ListRequest } from '../kernel/messages.ts';
import type { Definitions, JobOf } from '../queue/definitions.ts';
import { checkCount, checkCursor, checkKnown, checkOneOf, checkText } from '../queue/options.ts';
import { type Caller, type CallerOf, callable, type PublicOperation } from '../queue/queue-operation.ts';

export interface JobFilter<Name extends string = string> {
  readonly state: JobState;
  readonly name?: Name;
  /** One of the job's tags. */
  readonly tag?: string;
}

export interface ListOptions<Name extends string = string> extends JobFilter<Name> {
  /** Default 100, 1…1,000. A page may hold fewer and still have a next. */
  readonly limit?: number;
  readonly cursor?: string;
}

const FILTER = ['state', 'name', 'tag'];
const LIST_OPTIONS = [...FILTER, 'limit', 'cursor'];
const STATES = ['pending', 'active', 'completed', 'dead', 'cancelled'] as const;
/** The most that a store lists at a time. */
const MAX_PAGE = 1_000;
const PAGE = 100;

/** Throws InvalidOptionError. */
export function checkPage(limit: unknown = PAGE): number {
  if (checkCount('limit', limit) > MAX_PAGE)
    throw new InvalidOptionError('limit', limit, `at most ${MAX_PAGE}`);
  return limit as number;
}

/** Returns a copy. */
function checkFilter({ state, name, tag }: JobFilter): JobFilter {
  return {
    state: checkOneOf('state', state, STATES),
    ...(name === undefined ? {} : { name: checkText('name', name) }),
    ...(tag === undefined ? {} : { tag: checkText('tag', tag) }),
  };
}

export const listing: PublicOperation<ListOptions, ListAnswer> = {
  name: 'list',
  kind: 'reader',
  check(given) {
    const { limit, cursor, ...filter } = checkKnown('list options', given as ListOptions, LIST_OPTIONS);
    const from = cursor === undefined ? {} : { cursor: checkCursor('cursor', cursor) };
    return { ...checkFilter(filter), limit: checkPage(limit), ...from };
  },
  rule: (options) => (rows) => listJobs(rows, options as ListRequest),
};

/**
 * Returns a page of the jobs in one state: active ones in the order in which they were accepted, dead ones by when they died, completed ones by when
 * they are forgotten; pending ones name by name, by priority, those without a delay first, and last those that wait in lanes.
 *
 * @example
 * const { jobs, cursor } = await list(queue, { state: 'dead', limit: 50 });
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const list = /* @__PURE__ */ callable(
  [listing],
  async <Jobs extends Definitions = Definitions, Name extends keyof Jobs & string = keyof Jobs & string>(
    queue: CallerOf<Jobs>,
    options: ListOptions<Name>,
  ) => (await queue.call(listing, options)) as ListAnswer<never> as ListAnswer<JobOf<Jobs, Name>>,
);

/**
 * Iterates over all jobs in one state, read in pages of 100 as you go: jobs that change meanwhile may be missed or come
 * twice.
 *
 * @example
 * for await (const job of listAll(queue, { state: 'dead', name: 'mail.send' })) console.log(job.id);
 *
 * @throws InvalidOptionError at once; StoreError, StoreClosedError
 */
export const listAll = /* @__PURE__ */ callable(
  [listing],
  <Jobs extends Definitions = Definitions, Name extends keyof Jobs & string = keyof Jobs & string>(
    queue: CallerOf<Jobs>,
    filter: JobFilter<Name>,
  ): AsyncIterableIterator<JobOf<Jobs, Name>> =>
    each(pages(queue, checkFilter(checkKnown('listAll filter', filter, FILTER)))) as AsyncIterableIterator<
      JobOf<Jobs, Name>
    >,
);

async function* each(all: AsyncIterable<readonly Job[]>): AsyncIterableIterator<Job> {
  for await (const jobs of all) yield* jobs;
}

/** Page by page; some may be empty. */
export async function* pages(queue: Caller, filter: JobFilter): AsyncIterableIterator<readonly Job[]> {
  let page: ListAnswer = { jobs: [] };
  do {
    const from = page.cursor === undefined ? {} : { cursor: page.cursor };
    page = await queue.call(listing, { ...filter, limit: PAGE, ...from });
    yield page.jobs;
  } while (page.cursor !== undefined);
}
