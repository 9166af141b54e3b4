import type { Operation } from '../core/kernel/operation.ts';
import type { Host, OfId, QueueOperation, SpreadCall } from '../core/queue/queue-operation.ts';
import type { Leased } from './leased.ts';
import type { Shards } from './shards.ts';

/** Where a call of a queue that lies in several objects goes, and what it knows of them. */
export interface Places {
  readonly shards: Shards;
  readonly leased: Leased;
  ask<Args, Answer>(object: string, operation: QueueOperation<Args, Answer>, args: Args): Promise<Answer>;
}

/** Carries one operation out over the objects. */
export type Route<Args, Answer> = (call: RoutedCall<Args, Answer>, args: Args) => Promise<Answer>;

/** One call on its way to several objects. */
export class RoutedCall<Args, Answer> implements SpreadCall<Args, Answer> {
  readonly places: Places;
  readonly shards: Shards;
  readonly operation: QueueOperation<Args, Answer>;
  readonly host: Host;

  constructor(places: Places, operation: QueueOperation<Args, Answer>, host: Host) {
    this.host = host;
    this.places = places;
    this.shards = places.shards;
    this.operation = operation;
  }

  ask(object: string, args: Args): Promise<Answer> {
    return this.askFor(object, this.operation, args);
  }

  askFor<Given, Found>(object: string, other: QueueOperation<Given, Found>, args: Given): Promise<Found> {
    return this.places.ask(object, other, args);
  }

  all(args: Args): Promise<readonly Answer[]> {
    return settled(this.shards.all.map((object) => this.ask(object, args)));
  }

  byId<Item extends OfId, One>(
    items: readonly Item[],
    ask: (object: string, part: readonly Item[]) => Promise<readonly One[]>,
  ): Promise<readonly One[]> {
    return grouped(items, ({ id }) => this.shards.ofId(id), ask);
  }

  formerOf(id: string): readonly string[] {
    const now = this.shards.ofId(id);
    return this.shards.former.filter((object) => object !== now);
  }

  async placeOf(id: string, look: Operation<OfId, unknown>): Promise<string> {
    for (const object of this.formerOf(id))
      if ((await this.askFor(object, look, { id })) !== undefined) return object;
    return this.shards.ofId(id);
  }

  /** The first of them that knows it: where the id alone leads to, then all others. */
  async find(id: string, args: Args, isFound: (answer: Answer) => boolean): Promise<Answer> {
    const first = this.shards.ofId(id);
    const answer = await this.ask(first, args);
    if (isFound(answer)) return answer;
    const others = this.shards.all.filter((object) => object !== first);
    return (await settled(others.map((object) => this.ask(object, args)))).find(isFound) ?? answer;
  }
}

/** Waits for all before it rejects. */
export async function settled<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  return (await Promise.allSettled(promises)).map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** Where each item lies, with its index. */
export function byObject<Item>(
  items: readonly Item[],
  objectOf: (item: Item) => string,
): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [i, item] of items.entries()) {
    const object = objectOf(item);
    const group = groups.get(object);
    if (group === undefined) groups.set(object, [i]);
    else group.push(i);
  }
  return groups;
}

/** Asks each object once for its items; the answers are in input order. Waits for all before it rejects. */
export async function grouped<Item, Answer>(
  items: readonly Item[],
  objectOf: (item: Item) => string,
  ask: (object: string, part: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  await settled(
    [...byObject(items, objectOf)].map(async ([object, indexes]) => {
      const part = await ask(
        object,
        indexes.map((i) => items[i] as Item),
      );
      for (const [j, answer] of part.entries()) answers[indexes[j] as number] = answer;
    }),
  );
  return answers;
}
