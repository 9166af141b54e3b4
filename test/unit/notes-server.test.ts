import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createNotesServer, type NotesServer } from '../../demo/server/notes-server.ts';
import type { ServerLog } from '../../demo/server/protocol.ts';

let folder: string;
let file: string;
let server: NotesServer;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-server-'));
  file = join(folder, 'data', 'notes.json');
  await start();
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  server = await createNotesServer({ file, clock: () => 1_700_000_000_000 });
  url = await server.start(0);
}

interface Put {
  key?: string;
  fence?: number;
  device?: string;
  text?: unknown;
  revision?: number;
}

const writeHeaders = ({ key = 'job-1', fence = 1, device = 'laptop' }: Put): Record<string, string> => ({
  'Content-Type': 'application/json',
  'Idempotency-Key': key,
  Fence: String(fence),
  Device: device,
});

const put = (id: string, options: Put = {}): Promise<Response> =>
  fetch(`${url}/api/notes/${id}`, {
    method: 'PUT',
    headers: writeHeaders(options),
    body: JSON.stringify({
      text: options.text ?? 'Milk\nand bread',
      revision: options.revision ?? 1,
      updatedAt: 5,
    }),
  });

const drop = (id: string, options: Put): Promise<Response> =>
  fetch(`${url}/api/notes/${id}`, { method: 'DELETE', headers: writeHeaders(options) });

const behave = (behaviour: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/api/behaviour`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(behaviour),
  });

async function notes(): Promise<{ id: string; text: string }[]> {
  const { notes } = (await (await fetch(`${url}/api/notes`)).json()) as {
    notes: { id: string; text: string }[];
  };
  return notes;
}

const log = async (): Promise<ServerLog> => (await (await fetch(`${url}/api/log`)).json()) as ServerLog;

/** Sends what fetch would not: headers that browsers keep to themselves. */
function raw(path: string, headers: Record<string, string>, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${url}${path}`,
      { method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the notes it keeps', () => {
  test('a note that was put is there, and after a delete it is not', async () => {
    expect((await put('a')).status).toBe(200);
    expect(await notes()).toMatchObject([{ id: 'a', text: 'Milk\nand bread', revision: 1, updatedAt: 5 }]);
    expect((await drop('a', { key: 'job-2', fence: 2 })).status).toBe(200);
    expect(await notes()).toEqual([]);
  });

  test('notes survive a restart, and no half-written file stays behind', async () => {
    await put('a');
    await server.close();
    await start();
    expect(await notes()).toMatchObject([{ id: 'a' }]);
    expect(await readdir(join(folder, 'data'))).toEqual(['notes.json']);
  });

  test('a write that could not be saved is answered 500 and is not there', async () => {
    await writeFile(join(folder, 'data'), 'a file where the folder should be');
    const silenced = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect((await put('a')).status).toBe(500);
    silenced.mockRestore();
    expect(await notes()).toEqual([]);
    await rm(join(folder, 'data'));
    expect((await put('a')).status).toBe(200);
  });

  test('a file that cannot be read is not overwritten: the server does not start', async () => {
    await put('a');
    await server.close();
    await writeFile(file, '{"notes": [');
    await expect(start()).rejects.toThrow();
    expect(await readFile(file, 'utf8')).toBe('{"notes": [');
    await rm(file);
    await start();
  });
});

describe('an idempotency key', () => {
  test('has one effect however often it comes, and the same answer each time', async () => {
    const first = await (await put('a')).json();
    const second = await (await put('a')).json();
    expect(second).toEqual(first);
    expect((await log()).keys).toMatchObject([
      { key: 'job-1', noteId: 'a', received: 2, applied: 1, lastStatus: 200 },
    ]);
    expect((await log()).requests.map(({ effect }) => effect)).toEqual([true, false]);
  });

  test('still has its effect and its answer after a restart', async () => {
    const first = await (await put('a')).json();
    await server.close();
    await start();
    expect(await (await put('a')).json()).toEqual(first);
    expect((await log()).keys).toMatchObject([{ received: 2, applied: 1 }]);
  });

  test('that comes twice at once has one effect', async () => {
    await behave({ mode: 'normal', slowMs: 30, slowWhen: 'before' });
    const answers = await Promise.all([put('a'), put('a'), put('a')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await log()).requests.filter(({ effect }) => effect)).toHaveLength(1);
  });

  test('that comes with another request is refused', async () => {
    await put('a');
    expect((await put('a', { text: 'other' })).status).toBe(422);
    expect((await put('b')).status).toBe(422);
    expect(await notes()).toMatchObject([{ id: 'a', text: 'Milk\nand bread' }]);
  });

  test('is not used up by an answer that had no effect', async () => {
    await behave({ mode: 'reject', failTimes: 1 });
    expect((await put('a')).status).toBe(422);
    expect((await put('a')).status).toBe(200);
    expect((await log()).keys).toMatchObject([{ received: 2, applied: 1 }]);
  });
});

describe('a fence', () => {
  test('below the last one seen for the note is refused as superseded', async () => {
    await put('a', { fence: 7, text: 'new' });
    const late = await put('a', { key: 'job-0', fence: 6, text: 'old' });
    expect(late.status).toBe(409);
    expect(await late.json()).toEqual({ error: 'superseded: fence 6 came after fence 7' });
    expect(await notes()).toMatchObject([{ text: 'new' }]);
  });

  test('holds after the note was deleted', async () => {
    await put('a', { fence: 7 });
    await drop('a', { key: 'job-2', fence: 8 });
    expect((await put('a', { key: 'job-0', fence: 6 })).status).toBe(409);
    expect(await notes()).toEqual([]);
  });

  test('says nothing about another device', async () => {
    await put('a', { fence: 7 });
    expect((await put('a', { key: 'job-0', fence: 1, device: 'phone', text: 'phone' })).status).toBe(200);
  });
});

describe('a request that is wrong', () => {
  test('names what is missing', async () => {
    const bare = await fetch(`${url}/api/notes/a`, { method: 'DELETE' });
    expect(bare.status).toBe(400);
    expect(await bare.json()).toEqual({ error: 'the header idempotency-key is missing or wrong' });
  });

  test('is refused by its id, its text, its size, its type, its method', async () => {
    expect((await put('..%2Fetc')).status).toBe(400);
    expect((await put('x'.repeat(65))).status).toBe(400);
    expect((await put('a', { text: 7 })).status).toBe(422);
    expect((await put('a', { revision: -1 })).status).toBe(422);
    expect((await put('a', { text: 'x'.repeat(64 * 1024) })).status).toBe(200);
    expect((await put('b', { text: 'x'.repeat(64 * 1024 + 1) })).status).toBe(422);
    expect((await put('b', { text: 'x'.repeat(600 * 1024) })).status).toBe(413);
    expect(
      (
        await fetch(`${url}/api/notes/a`, {
          method: 'PUT',
          headers: { ...writeHeaders({}), 'Content-Type': 'text/plain' },
          body: '{}',
        })
      ).status,
    ).toBe(415);
    expect(
      (await fetch(`${url}/api/notes/a`, { method: 'PUT', headers: writeHeaders({}), body: '{' })).status,
    ).toBe(400);
    expect((await fetch(`${url}/api/notes/a`)).status).toBe(405);
    expect((await fetch(`${url}/api/elsewhere`)).status).toBe(404);
    expect(await notes()).toHaveLength(1);
  });

  test('from another origin, another site or another name for this machine is refused', async () => {
    const json = { 'Content-Type': 'application/json' };
    expect(await raw('/api/behaviour', { ...json, Origin: 'http://evil.example' }, '{"mode":"fail"}')).toBe(
      403,
    );
    expect(await raw('/api/behaviour', { ...json, 'Sec-Fetch-Site': 'cross-site' }, '{"mode":"fail"}')).toBe(
      403,
    );
    expect(await raw('/api/behaviour', { ...json, Host: 'evil.example' }, '{"mode":"fail"}')).toBe(403);
    expect(await raw('/api/behaviour', { 'Content-Type': 'text/plain' }, '{"mode":"fail"}')).toBe(415);
    expect(await raw('/api/notes', { Host: 'evil.example' })).toBe(403);
    expect(await raw('/api/behaviour', { ...json, Origin: url }, '{"mode":"fail"}')).toBe(200);
  });
});

describe('its behaviour', () => {
  test('fails as often as it was told, then is normal', async () => {
    await behave({ mode: 'fail', failTimes: 2 });
    expect((await put('a')).status).toBe(500);
    expect((await put('a')).status).toBe(500);
    expect((await put('a')).status).toBe(200);
    expect((await log()).behaviour).toEqual({ mode: 'normal' });
  });

  test('fails until it is told otherwise', async () => {
    await behave({ mode: 'fail' });
    for (let i = 0; i < 3; i++) expect((await put('a')).status).toBe(500);
    await behave({ mode: 'normal' });
    expect((await put('a')).status).toBe(200);
  });

  test('down answers as a gateway does, and says nothing of when to come back', async () => {
    await behave({ mode: 'down' });
    const down = await put('a');
    expect([down.status, down.headers.get('retry-after')]).toEqual([503, null]);
  });

  test('is busy with a Retry-After', async () => {
    await behave({ mode: 'busy', retryAfterS: 3 });
    const busy = await put('a');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '3']);
  });

  test('slow after the effect: the note is there before the answer', async () => {
    await behave({ mode: 'normal', slowMs: 60_000 });
    const abandoned = new AbortController();
    const slow = fetch(`${url}/api/notes/a`, {
      method: 'PUT',
      headers: writeHeaders({}),
      body: JSON.stringify({ text: 'slow', revision: 1, updatedAt: 5 }),
      signal: abandoned.signal,
    });
    await vi.waitFor(async () => expect(await notes()).toHaveLength(1));
    abandoned.abort();
    await expect(slow).rejects.toThrow();
  });

  test('that nobody knows is refused and changes nothing', async () => {
    for (const wrong of [
      {},
      null,
      { mode: 'odd' },
      { mode: 'fail', failTimes: 0 },
      { mode: 'normal', slowMs: 1e9 },
    ])
      expect((await behave(wrong)).status).toBe(422);
    expect((await log()).behaviour).toEqual({ mode: 'normal' });
  });
});
