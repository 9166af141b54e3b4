import { checkCount, checkList, checkText } from '../core/runtime/options.ts';
import { checkAtMost } from './given.ts';

/** Look-ups may ask every object, and one request may make 1,000 calls (Cloudflare's limit). */
const MAX_SHARDS = 256;

export interface ShardOptions {
  /** Objects the queue is spread over. Default 1, at most 256. */
  readonly shards?: number;
  /** How many there were before, as long as jobs of then may be left; all the numbers, if it changed more than once. */
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

  constructor(name: string, options: ShardOptions) {
    const { shards = 1, formerShards = [] } = options;
    const former = typeof formerShards === 'number' ? [formerShards] : formerShards;
    checkText('name', name);
    this.current = objectNames(name, checkShards('shards', shards));
    const counts = checkList('formerShards', former, MAX_SHARDS);
    const before = counts.flatMap((count) => objectNames(name, checkShards('formerShards', count)));
    this.all = [...new Set([...this.current, ...before])];
  }

  /** By lane, else by name and idempotency key, else by id: what belongs together lands together. */
  of({ lane, name, idempotencyKey, id }: Placed): string {
    if (lane !== undefined) return this.#heaviest(`lane ${lane}`);
    // Names and keys have no control characters.
    return idempotencyKey === undefined ? this.ofId(id) : this.#heaviest(`key ${name}\n${idempotencyKey}`);
  }

  /** Where the id alone points to: the first place to look for a job. */
  ofId(id: string): string {
    return this.#heaviest(`id ${id}`);
  }

  /**
   * Rendezvous hashing (Thaler and Ravishankar, 1998): each shard has a weight for the key, the greatest wins. With one shard more, only
   * the keys move for which it is now the heaviest.
   */
  #heaviest(key: string): string {
    let best = 0;
    let heaviest = -1;
    for (let i = 0; i < this.current.length; i++) {
      const weight = hash(`${i} ${key}`);
      if (weight > heaviest) [best, heaviest] = [i, weight];
    }
    return this.current[best] as string;
  }
}

const checkShards = (option: string, count: unknown): number =>
  checkAtMost(option, checkCount(option, count), MAX_SHARDS);

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
