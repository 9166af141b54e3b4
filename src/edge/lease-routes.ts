import type {
  ExchangeAnswer,
  ExchangeRequest,
  ExtendAnswer,
  ExtendRequest,
  OutageNews,
  SettleAnswer,
} from '../core/kernel/messages.ts';
import { byObject, grouped, type Route, type RoutedCall } from './route.ts';

type Call = RoutedCall<ExchangeRequest, ExchangeAnswer>;
type Instants = NonNullable<ExchangeAnswer['asked']>;

/** Each lease is extended where it was given. */
export const extend: Route<ExtendRequest, readonly ExtendAnswer[]> = (
  { places, shards, operation },
  request,
) =>
  grouped(
    request.leases,
    ({ id }) => places.leased.objectOf(id, shards.home),
    (object, leases) => places.ask(object, operation, { ...request, leases }),
  );

/**
 * Outcomes go where their leases are, and first; then one object after the other is asked for jobs, until there are enough. An object that cannot
 * be reached keeps nobody from the jobs of the others; what it has to hear is told again.
 */
export const exchange: Route<ExchangeRequest, ExchangeAnswer> = async (call, request) => {
  const { leased } = call.places;
  const merged = new Merged();
  const parts = partsOf(call, request);
  const settled = new Map<number, SettleAnswer>();
  const take = (object: string, answer: ExchangeAnswer, indexes: readonly number[]) => {
    for (const [i, index] of indexes.entries()) settled.set(index, answer.settled[i] ?? 'stale');
    for (const { job } of answer.jobs) leased.give(job.id, object);
    merged.add(answer);
  };
  let limit = request.claim?.limit ?? 0;
  const failures: unknown[] = [];
  const missed: number[] = [];
  let asked = 0;
  for (const object of leased.inTurn(call.shards.all)) {
    const { indexes, ...part } = parts(object);
    const claim = request.claim && limit > 0 ? { claim: { ...request.claim, limit } } : {};
    const isConcerned = indexes.length > 0 || (part.held ?? part.unbegun) !== undefined;
    if (!isConcerned && limit <= 0) continue;
    asked += 1;
    try {
      const answer = await askOne(call, object, { ...part, ...claim });
      take(object, answer, indexes);
      limit -= answer.jobs.length;
    } catch (error) {
      // What an outcome brings may be refused: its worker has to hear that.
      if (indexes.length > 0 && Object(error).retryable !== true) throw error;
      failures.push(error);
      missed.push(...indexes);
    }
  }
  if (asked > 0 && failures.length === asked) throw failures[0];
  for (const error of failures) call.host.emitter.emit('worker:error', { error });
  for (const [i, one] of request.settle.entries()) if (!missed.includes(i)) leased.forget(one.id);
  const answer = merged.answer(
    request.settle.map((_, i) => settled.get(i) ?? 'stale'),
    limit === 0 && request.claim !== undefined,
  );
  return failures.length === 0 ? answer : { ...answer, missed };
};

/** What a request says of leases, for each object its part. */
function partsOf({ places, shards }: Call, { settle, held, unbegun, claim: _, ...rest }: ExchangeRequest) {
  const objectOf = (id: string) => places.leased.objectOf(id, shards.home);
  const groups = byObject(settle, ({ id }) => objectOf(id));
  const here = (object: string, ids: readonly string[] | undefined) =>
    ids?.filter((id) => objectOf(id) === object) ?? [];
  return (object: string) => {
    const indexes = groups.get(object) ?? [];
    const goBack = here(object, unbegun);
    return {
      ...rest,
      indexes,
      settle: indexes.map((i) => settle[i] as (typeof settle)[number]),
      // To each: what it gave and nobody heard of goes back.
      ...(held && { held: here(object, held) }),
      ...(goBack.length === 0 ? {} : { unbegun: goBack }),
    };
  };
}

/** Whom a number of shards keeps from claiming may still settle what he has. */
async function askOne(call: Call, object: string, request: ExchangeRequest): Promise<ExchangeAnswer> {
  try {
    return await call.ask(object, request);
  } catch (error) {
    const { claim, ...settles } = request;
    const refused =
      Object(error).code === 'InvalidOption' && claim !== undefined && settles.settle.length > 0;
    if (!refused) throw error;
    return call.ask(object, settles);
  }
}

/** Answers of several objects as one. */
class Merged {
  readonly #answers: ExchangeAnswer[] = [];

  add(answer: ExchangeAnswer): void {
    this.#answers.push(answer);
  }

  /** `isFull`: there was no room for what the others have, so it is worth asking at once. */
  answer(settled: readonly SettleAnswer[], isFull: boolean): ExchangeAnswer {
    const all = this.#answers;
    const list = <Key extends 'buried' | 'goBack' | 'cancelled' | 'closedTargets'>(key: Key) => {
      const items = all.flatMap((answer) => (answer[key] ?? []) as unknown[]);
      return items.length === 0 ? {} : { [key]: items };
    };
    const flag = <Key extends 'freed' | 'wentOn' | 'goesOn'>(key: Key) =>
      all.some((answer) => answer[key]) ? { [key]: true } : {};
    const next = all.map(({ nextAt }) => nextAt).filter((at) => at !== undefined);
    if (isFull) next.push(0);
    const asked = all.map((answer) => answer.asked).filter((told) => told !== undefined);
    const putOff = all.reduce((sum, answer) => sum + (answer.putOff ?? 0), 0);
    const left = all.flatMap((answer) => answer.left ?? []);
    const outages = all.flatMap((answer) => answer.outage ?? []);
    return {
      settled,
      jobs: all.flatMap(({ jobs }) => jobs),
      ...list('buried'),
      ...list('goBack'),
      ...list('cancelled'),
      ...list('closedTargets'),
      ...flag('freed'),
      ...flag('wentOn'),
      ...flag('goesOn'),
      ...(all.length > 0 && all.every(({ unseen }) => unseen) ? { unseen: true } : {}),
      ...(next.length === 0 ? {} : { nextAt: Math.min(...next) }),
      ...(asked.length === 0 ? {} : { asked: asked.reduce(earliest) }),
      ...(putOff === 0 ? {} : { putOff }),
      ...(left.length === 0
        ? {}
        : {
            left: {
              waiting: left.reduce((sum, { waiting }) => sum + waiting, 0),
              elsewhere: left.reduce((sum, { elsewhere }) => sum + elsewhere, 0),
            },
          }),
      ...(outages.length === 0 ? {} : { outage: joined(outages) }),
    } as ExchangeAnswer;
  }
}

/** By their names. */
const earliest = (a: Instants, b: Instants): Instants => ({
  ...a,
  ...Object.fromEntries(Object.entries(b).map(([name, at]) => [name, Math.min(at, a[name] ?? at)])),
});

const joined = (all: readonly OutageNews[]): OutageNews => ({
  spared: Object.assign({}, ...all.map(({ spared }) => spared)),
  closed: all.flatMap(({ closed }) => closed),
  opened: all.flatMap(({ opened }) => opened),
  grew: all.some(({ grew }) => grew),
  apart: Object.assign({}, ...all.map(({ apart }) => apart)),
});
