import { createQueue, memoryStore, throwForStatus, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, test } from 'vitest';
import { queueOptions } from '../../demo/app/jobs.ts';

/** Two minutes, and so much that waits which only double would have asked just before, and not for another two. */
const OUTAGE_MS = 145_000;
/** What the notes app says of itself: somebody asks at least every 15 s, and up to a tenth later; then its request runs. */
const NOTICED_WITHIN_MS = 17_000;

/** The app's queue, and a server that answers as the test wants. */
function sync() {
  const environment = fakeEnvironment();
  const queue = createQueue({ ...queueOptions(), store: memoryStore(), environment });
  const seen: { readonly id: string; readonly status: number; readonly at: number }[] = [];
  const server = { status: 200 };
  const receive = async ({ id }: { readonly id: string }) => {
    const { status } = server;
    seen.push({ id, status, at: environment.now() });
    throwForStatus(new Response(null, { status }));
  };
  work(queue, { 'note.push': receive, 'note.delete': receive }, { concurrency: 4 });
  const save = (id: string) =>
    queue.enqueue('note.push', { id, text: id, revision: 1, updatedAt: 0 }, { lane: id });
  return { environment, server, seen, save };
}

test.for([503, 500])(
  'a server that answers %i for two minutes: nothing is dead, few ask, and all is sent within 17 s of its end, by nobody’s hand',
  async (status) => {
    const { environment, server, seen, save } = sync();
    server.status = status;
    const notes = ['boats', 'tides', 'weeds', 'dulse', 'ropes'];
    for (const note of notes) await save(note);
    await environment.advance(OUTAGE_MS);
    expect(seen.length).toBeLessThanOrEqual(30);
    server.status = 200;
    const endedAt = environment.now();
    await environment.advance(NOTICED_WITHIN_MS);
    const sent = seen.filter(({ status }) => status === 200);
    expect(sent.map(({ id }) => id).sort()).toEqual([...notes].sort());
    expect(Math.max(...sent.map(({ at }) => at)) - endedAt).toBeLessThanOrEqual(NOTICED_WITHIN_MS);
  },
);
