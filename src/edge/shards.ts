import { checkList, checkText } from '../core/queue/options.ts';
import { checkShards, type Layout, MAX_SHARDS } from './layout.ts';

export interface ShardOptions {
  /** Objects the queue is spread over. Default 1, at most 256. */
  readonly shards?: number;
  /**
   * How many there were before, as long as jobs of then may be left; all the numbers, if it changed more than once. A call that does not
   * name the number with which the queue was called last is refused with InvalidOptionError.
   */
  readonly formerShards?: number | readonly number[];
}

/** What decides where a job goes. */
export interface Placed {
  readonly id: string;
  readonly name: string;
  readonly lane?: string;
  readonly idempotencyKey?: string;
}

/** The objects of a queue, by name: `name` when there is one, else `name/0` … `name/n-1`. */
export class Shards {
  /** Where jobs go now. */
  readonly current: readonly string[];
  /** Where jobs may be: the current ones, then the former. */
  readonly all: readonly string[];
  /** Where jobs went before, and may be still. */
  readonly former: readonly string[];
  readonly #former: readonly (readonly string[])[];
  readonly #layout: Omit<Layout, 'place'>;

  constructor(name: string, options: ShardOptions) {
    const { shards = 1, formerShards = [] } = options;
    const former = typeof formerShards === 'number' ? [formerShards] : formerShards;
    checkText('name', name);
    this.current = objectNames(name, checkShards('shards', shards));
    const counts = checkList('formerShards', former, MAX_SHARDS);
    this.#former = counts.map((count) => objectNames(name, checkShards('formerShards', count)));
    this.former = [...new Set(this.#former.flat())];
    this.all = [...new Set([...this.current, ...this.former])];
    this.#layout = { name, shards, former: [...counts] };
  }

  /** The object of the queue's bare name: whatever the number of shards, all clients share it, and it keeps the number. */
  get home(): string {
    return this.#layout.name;
  }

  /** What a call to the object says of the layout. `told`: home has taken the number. */
  layoutFor(object: string, told = false): Layout {
    return { ...this.#layout, place: object === this.home ? 'home' : told ? 'told' : 'shard' };
  }

  of(job: Placed): string {
    return heaviest(this.current, pointOf(job));
  }

  /** Where such a job went while the number was another: none of these is where it goes now. */
  formerlyOf(job: Placed): readonly string[] {
    const now = this.of(job);
    const places = new Set(this.#former.map((objects) => heaviest(objects, pointOf(job))));
    return [...places].filter((object) => object !== now);
  }

  /** Where the id alone points to: the first place to look for a job. */
  ofId(id: string): string {
    return heaviest(this.current, pointOfId(id));
  }
}

/** By lane, else by name and idempotency key, else by id: what belongs together lands together. */
function pointOf({ lane, name, idempotencyKey, id }: Placed): string {
  if (lane !== undefined) return `lane ${lane}`;
  // Names and keys have no control characters.
  return idempotencyKey === undefined ? pointOfId(id) : `key ${name}\n${idempotencyKey}`;
}

const pointOfId = (id: string): string => `id ${id}`;

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): each object has a weight for the point, the greatest wins. With one object more, only
 * the points move for which it is now the heaviest.
 */
function heaviest(objects: readonly string[], point: string): string {
  let best = 0;
  let most = -1;
  for (let i = 0; i < objects.length; i++) {
    const weight = hash(`${i} ${point}`);
    if (weight > most) [best, most] = [i, weight];
  }
  return objects[best] as string;
}

function objectNames(name: string, count: number): readonly string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}/${i}`);
}

/** FNV-1a with the final mix of MurmurHash3: without it, keys that differ in their last letters only would stay together. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
