import type {
  Counts,
  Drained,
  Explanation,
  Job,
  ListAnswer,
  ListOptions,
  PurgeAnswer,
  RoomAnswer,
  StoredStats,
} from '../core/index.ts';
import type {
  AbandonAnswer,
  AbandonRequest,
  StoredNameStats,
  WorkersAnswer,
} from '../core/kernel/messages.ts';
import type { OfId } from '../core/queue/queue-operation.ts';
import { fromListCursor, toListCursor } from './list-cursor.ts';
import type { Route } from './route.ts';

/** As many as one object answers. */
const MOST_WORKERS = 100;

interface OfIds {
  readonly ids: readonly string[];
}

/** The id alone says where a job is that was enqueued by itself, without lane or key, since the number of shards is what it is. */
export const explainOrGet: Route<OfId, Job | Explanation | undefined> = (call, args) =>
  call.find(args.id, args, (answer) => answer !== undefined && answer !== null);

/** Answers per id. */
export const steerIds: Route<OfIds, readonly string[]> = async (call, { ids, ...how }) => {
  const answers = await Promise.all(
    ids.map((id) => call.find(id, { ...how, ids: [id] }, ([answer]) => answer !== 'unknown')),
  );
  return answers.map(([answer]) => answer as string);
};

/** Shard beside shard: each in its own order. */
export const list: Route<ListOptions, ListAnswer> = async (call, { cursor, limit = 100, ...filter }) => {
  const { all } = call.shards;
  const left =
    cursor === undefined ? all.map((shard) => ({ shard })) : fromListCursor(filter.state, cursor, all);
  const asked = left.slice(0, limit);
  const share = Math.floor(limit / Math.max(1, asked.length));
  const pages = await Promise.all(
    asked.map(async ({ shard, after }: (typeof left)[number] & { readonly after?: string }, i) => {
      const own = share + (i < limit % asked.length ? 1 : 0);
      const from = after === undefined ? {} : { cursor: after };
      const page = await call.ask(shard, { ...filter, limit: own, ...from });
      return { jobs: page.jobs, rest: page.cursor === undefined ? [] : [{ shard, after: page.cursor }] };
    }),
  );
  // Who was not asked comes first on the next page.
  const next = [...left.slice(limit), ...pages.flatMap(({ rest }) => rest)];
  const jobs = pages.flatMap((page) => page.jobs);
  return next.length === 0 ? { jobs } : { jobs, cursor: toListCursor(filter.state, next) };
};

const add = (all: readonly object[]) => {
  const sums: Record<string, number> = {};
  for (const one of all)
    for (const [key, value] of Object.entries(one))
      if (typeof value === 'number') sums[key] = (sums[key] ?? 0) + value;
  return sums;
};

const earliest = (instants: readonly (number | undefined)[]): number | undefined => {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

/** `paused` when one of the objects is, a name when it is in one of them. */
export const count: Route<object, Counts> = async (call, args) => {
  const all = await call.all(args);
  const pausedNames = [...new Set(all.flatMap((counts) => counts.pausedNames ?? []))];
  return {
    ...(add(all) as unknown as Counts),
    paused: all.some(({ paused }) => paused),
    ...(pausedNames.length === 0 ? {} : { pausedNames }),
  };
};

export const stats: Route<object, StoredStats> = async (call, args) => {
  const all = await call.all(args);
  const names: Record<string, StoredNameStats> = {};
  for (const [name, one] of all.flatMap((each) => Object.entries(each.names))) {
    const before = names[name];
    const ages = [before?.oldestAgeMs, one.oldestAgeMs].filter((age) => age !== undefined);
    names[name] = {
      waiting: (before?.waiting ?? 0) + one.waiting,
      active: (before?.active ?? 0) + one.active,
      ...(ages.length === 0 ? {} : { oldestAgeMs: Math.max(...ages) }),
    };
  }
  const closedTargets = all.flatMap((each) => each.closedTargets ?? []);
  return {
    names,
    ...(closedTargets.length === 0 ? {} : { closedTargets }),
    ...holdsOf(all),
  };
};

/** Held in one of the objects until then. */
function holdsOf(all: readonly StoredStats[]): Pick<StoredStats, 'holds'> {
  const holds = new Map<string, number>();
  for (const [name, until] of all.flatMap((each) => Object.entries(each.holds ?? {})))
    holds.set(name, Math.max(until, holds.get(name) ?? 0));
  return holds.size === 0 ? {} : { holds: Object.fromEntries(holds) };
}

/** Each worker in one object at a time. */
export const workers: Route<object, WorkersAnswer> = async (call, args) => {
  const all = await call.all(args);
  const found = all.flatMap((each) => each.workers);
  found.sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
  return {
    workers: found.slice(0, MOST_WORKERS),
    names: [...new Set(all.flatMap(({ names }) => names))].sort(),
  };
};

/** There is room when there is in each: nobody knows where the next job leads. */
export const room: Route<object, RoomAnswer> = async (call, args) => {
  const all = await call.all(args);
  const nextAt = earliest(all.map((answer) => answer.nextAt));
  return { room: all.every((answer) => answer.room), ...(nextAt === undefined ? {} : { nextAt }) };
};

export const purge: Route<object, PurgeAnswer> = async (call, args) => {
  const all = await call.all(args);
  return { ...(add(all) as unknown as PurgeAnswer), more: all.some(({ more }) => more) };
};

/** One object after the other, each to its end. */
export const abandon: Route<AbandonRequest, AbandonAnswer> = async (call, { feature }) => {
  let [freed, dropped] = [0, 0];
  for (const object of call.shards.all)
    for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
      const answer = await call.ask(object, next === undefined ? { feature } : { feature, next });
      freed += answer.freed;
      dropped += answer.dropped;
      next = answer.next;
    }
  return { freed, dropped };
};

export const drain: Route<object, Drained> = async (call, args) => {
  const all = await call.all(args);
  const nextAt = earliest(all.map((drained) => drained.nextAt));
  const { nextAt: _, ...tally } = add(all);
  return {
    ...(tally as unknown as Drained),
    closed: all.flatMap(({ closed }) => closed),
    ...(nextAt === undefined ? {} : { nextAt }),
  };
};
