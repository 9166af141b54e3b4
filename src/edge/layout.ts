import { InvalidOptionError } from '../core/index.ts';
import { messageOf } from '../core/kernel/errors.ts';
import {
  checkCount,
  checkKnown,
  checkList,
  checkOneOf,
  checkPlain,
  checkText,
} from '../core/queue/options.ts';

/** Look-ups may ask every object, and one request may make 1,000 calls (Cloudflare's limit). */
export const MAX_SHARDS = 256;

/** What the called object is to the client: `home` is the one that all numbers of shards share; `told` is a shard that home was asked for. */
const PLACES = ['home', 'shard', 'told'] as const;

/** Over how many objects the caller spreads its queue: each call says so. */
export interface Layout {
  /** The client's: it names the queue, and its home. */
  readonly name: string;
  readonly shards: number;
  readonly former: readonly number[];
  readonly place: (typeof PLACES)[number];
}

/** What a caller's number is to the object: the one it knows, or one that home is to be asked about first. */
export type Standing = 'known' | 'unsettled';

export function checkLayout(what: string, given: unknown): Layout {
  const { name, shards, former, place } = checkKnown(what, checkPlain(what, given), [
    'name',
    'shards',
    'former',
    'place',
  ]);
  return {
    name: checkText(`${what}.name`, name),
    shards: checkShards(`${what}.shards`, shards),
    former: checkList(`${what}.former`, former as number[], MAX_SHARDS).map((count) =>
      checkShards(`${what}.former`, count),
    ),
    place: checkOneOf(`${what}.place`, place, PLACES),
  };
}

export function checkShards(what: string, count: unknown): number {
  if (checkCount(what, count) > MAX_SHARDS)
    throw new InvalidOptionError(what, count, `at most ${MAX_SHARDS}`);
  return count as number;
}

interface Sql {
  exec(query: string, ...bindings: (string | number)[]): { toArray(): Record<string, unknown>[] };
}

/** The number of shards that an object was called with last, per queue and client: one row, written when the number is another. */
export class KeptShards {
  readonly #sql: Sql;
  readonly #queue: string;
  readonly #known = new Map<string, number | undefined>();

  constructor(sql: Sql, queue: string) {
    this.#sql = sql;
    this.#queue = queue;
  }

  /** For any call: may it be carried out? The first number that home hears of is taken; a shard asks home. */
  standing({ name, shards, place }: Layout): Standing {
    const kept = this.#of(name);
    if (kept === shards) return 'known';
    if (place === 'shard' || (place === 'home' && kept !== undefined)) return 'unsettled';
    this.#keep(name, shards);
    return 'known';
  }

  /** For home: takes the number, and answers whether it was another. Throws InvalidOptionError when the caller does not know that one. */
  take({ name, shards, former }: Layout): boolean {
    const kept = this.#of(name);
    if (kept === shards) return false;
    if (kept !== undefined && !former.includes(kept)) {
      const needed = `${kept}, as queue ${name} was called with before, or formerShards with ${kept} in it: its jobs may lie there`;
      throw new InvalidOptionError('shards', shards, needed);
    }
    this.#keep(name, shards);
    return kept !== undefined;
  }

  /** What was stored is gone. */
  forget(): void {
    this.#known.clear();
  }

  #of(name: string): number | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#read(name));
    return this.#known.get(name);
  }

  #read(name: string): number | undefined {
    try {
      const query = 'SELECT shards FROM holdfast_shards WHERE queue = ? AND client = ?';
      const [found] = this.#sql.exec(query, this.#queue, name).toArray();
      return found === undefined ? undefined : Number(found.shards);
    } catch (error) {
      if (messageOf(error).includes('no such table')) return undefined;
      throw error;
    }
  }

  #keep(name: string, shards: number): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS holdfast_shards (queue TEXT, client TEXT, shards INTEGER NOT NULL, PRIMARY KEY (queue, client)) WITHOUT ROWID',
    );
    this.#sql.exec('INSERT OR REPLACE INTO holdfast_shards VALUES (?, ?, ?)', this.#queue, name, shards);
    this.#known.set(name, shards);
  }
}
