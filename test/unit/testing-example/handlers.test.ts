import { fakeEnvironment, fakeNetwork, runJob } from 'holdfast/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { handlers, jobs } from './note-queue.ts';

const push = handlers['note.push'];
const note = { id: 'a', text: 'Buy kelp' };

describe('note.push', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('sends the note', async () => {
    const network = fakeNetwork();
    vi.stubGlobal('fetch', network.fetch);
    const run = await runJob(push, note, { jobs });
    expect(run).toMatchObject({ outcome: 'completed', logs: ['a is on the server'] });
    expect(await network.requests[0]?.json()).toEqual(note);
  });

  it('waits for the server without losing an attempt', async () => {
    vi.stubGlobal('fetch', fakeNetwork([{ status: 429, headers: { 'retry-after': '30' } }]).fetch);
    const run = await runJob(push, note, { jobs, attempt: 3 });
    expect(run).toMatchObject({ outcome: 'retried', counted: false, delayMs: 30_000 });
  });

  it('gives up on a server that is too slow', async () => {
    const clock = fakeEnvironment();
    vi.stubGlobal('fetch', fakeNetwork([{ afterMs: 60_000 }], { clock }).fetch);
    const run = await runJob(push, note, { jobs, clock });
    expect(run).toMatchObject({ outcome: 'retried', error: { code: 'Unreachable', reason: 'timeout' } });
  });

  it('is dead when the server refuses the note', async () => {
    vi.stubGlobal('fetch', fakeNetwork([422]).fetch);
    const run = await runJob(push, note, { jobs });
    expect(run).toMatchObject({ outcome: 'dead', error: { code: 'DeadLetter', status: 422 } });
  });
});
