import { InvalidOptionError, type JobState } from '../core/index.ts';
import { jsonText } from '../core/kernel/json-text.ts';
import { checkText } from '../core/queue/options.ts';

/** A shard that has more to list, and after what; without `after` it was not asked yet. */
export interface Unlisted {
  readonly shard: string;
  readonly after?: string;
}

/** One text from what each shard has left: the cursor of the merged list, good for this state only. */
export function toListCursor(state: JobState, left: readonly Unlisted[]): string {
  const text = jsonText([state, left.map(({ shard, after }) => [shard, after ?? null])]);
  return btoa(encodeURIComponent(text)); // btoa takes Latin-1 only.
}

/** Throws InvalidOptionError for what is no cursor of such a list over these shards. */
export function fromListCursor(
  state: JobState,
  cursor: unknown,
  shards: readonly string[],
): readonly Unlisted[] {
  try {
    const [of, left] = JSON.parse(decodeURIComponent(atob(cursor as string))) as [
      unknown,
      [unknown, unknown][],
    ];
    const asked = left.map(([shard, after]): Unlisted => {
      if (!shards.includes(checkText('shard', shard)) || !(after === null || typeof after === 'string'))
        throw new TypeError('not of this list');
      return { shard: shard as string, ...(after === null ? {} : { after }) };
    });
    if (of !== state || new Set(asked.map(({ shard }) => shard)).size !== asked.length)
      throw new TypeError('not of this list');
    return asked;
  } catch {
    throw new InvalidOptionError('cursor', cursor, 'the cursor of the page before, of the same state');
  }
}
