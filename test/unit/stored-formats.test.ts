import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { parse } from 'devalue';
import { indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { freshName } from '../chromium/database.ts';
import { type Dump, dumpOf, restore } from '../formats/indexeddb-dump.ts';
import { fillQueue, LIVES_ON, livesOn } from '../formats/stored-queue.ts';

/** Every version that was released is here for good: `node scripts/store-formats.ts` writes that of a new one. */
const VERSIONS = [3];

const fixtureOf = async (version: number): Promise<Dump> =>
  parse(await readFile(new URL(`../formats/indexeddb-${version}.json`, import.meta.url), 'utf8'));

describe('a stored database', () => {
  it.each(VERSIONS)('of version %i is opened, and all that is in it lives on', async (version) => {
    const name = freshName();
    await restore(name, await fixtureOf(version));
    expect(await livesOn(indexedDBStore(name))).toEqual(LIVES_ON);
  });

  it('of today is of a version of which there is a fixture, and lives on as those do', async () => {
    const name = freshName();
    await fillQueue(indexedDBStore(name));
    expect((await dumpOf(name)).version).toBe(VERSIONS.at(-1));
    expect(await livesOn(indexedDBStore(name))).toEqual(LIVES_ON);
  });
});
