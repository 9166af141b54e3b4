import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { durableObjectStore } from 'holdfast/durable-object';
import { describe, expect, it } from 'vitest';
import first from '../formats/durable-object-1.json' with { type: 'json' };
import { restoreTables, tablesOf } from '../formats/object-dump.ts';
import { fillQueue, LIVES_ON, livesOn } from '../formats/stored-queue.ts';

/** Every version that was released is here for good: `node scripts/store-formats.ts` writes that of a new one. */
const FIXTURES = [first];

const inFreshObject = (act: (state: DurableObjectState) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => act(state));

describe('the tables of an object', () => {
  it.each(FIXTURES)('of version $version are opened, and all that is in them lives on', (fixture) =>
    inFreshObject(async (state) => {
      restoreTables(state.storage.sql, fixture);
      expect(await livesOn(durableObjectStore(state))).toEqual(LIVES_ON);
    }),
  );

  it('of today are of a version of which there is a fixture, and live on as those do', () =>
    inFreshObject(async (state) => {
      await fillQueue(durableObjectStore(state));
      expect(tablesOf(state.storage.sql).version).toBe(FIXTURES.at(-1)?.version);
      expect(await livesOn(durableObjectStore(state))).toEqual(LIVES_ON);
    }));
});
