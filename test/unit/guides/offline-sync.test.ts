import { count, memoryStore } from 'holdfast';
import { fakeEnvironment, fakeNetwork } from 'holdfast/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Note } from '../notes.ts';
import { openSync } from './offline-sync.ts';

const kept = new Map<string, Note>();
const notes = {
  get: async (id: string) => kept.get(id),
  put: async (note: Note) => void kept.set(note.id, note),
  delete: async (id: string) => void kept.delete(id),
};

beforeEach(() => kept.clear());
afterEach(() => {
  vi.unstubAllGlobals();
});

it('docs/guides/offline-sync.md: a redrive after a newer edit sends nothing old', async () => {
  const clock = fakeEnvironment();
  const network = fakeNetwork([422, 200]);
  vi.stubGlobal('fetch', network.fetch);
  const { queue, worker, save, refused, tryAgain } = openSync(notes, {
    store: memoryStore(),
    environment: clock,
  });
  const working = worker();
  await save({ id: 'a', text: 'refused' });
  await clock.advance(1_000);
  expect(await refused()).toMatchObject([{ note: 'a', why: expect.stringContaining('422') }]);
  await save({ id: 'a', text: 'newer' });
  await clock.advance(1_000);
  const [dead] = await refused();
  expect(await tryAgain(dead?.id ?? '')).toMatch(/redriven|duplicate/);
  await clock.advance(1_000);
  const texts = await Promise.all(network.requests.map(async (request) => (await request.json()).text));
  expect(texts[0]).toBe('refused');
  expect(new Set(texts.slice(1))).toEqual(new Set(['newer']));
  await working.stop();
  await queue.close();
});

it('docs/guides/offline-sync.md: a note that is deleted while it waits is deleted at the server, twice at no harm', async () => {
  const clock = fakeEnvironment();
  const network = fakeNetwork(['offline', 200, 404]);
  vi.stubGlobal('fetch', network.fetch);
  const { queue, worker, save, remove, tryNow } = openSync(notes, {
    store: memoryStore(),
    environment: clock,
  });
  const working = worker();
  await save({ id: 'a', text: 'short life' });
  await clock.advance(100);
  await remove('a');
  await clock.until(tryNow());
  await clock.advance(1_000);
  await remove('a');
  await clock.advance(1_000);
  expect(network.requests.map(({ method }) => method)).toEqual(['PUT', 'DELETE', 'DELETE']);
  expect(await count(queue)).toMatchObject({ pending: 0, dead: 0 });
  await working.stop();
  await queue.close();
});
