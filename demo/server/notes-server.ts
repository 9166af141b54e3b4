import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { nextMood, parseBehaviour } from './behaviour.ts';
import { applyWrite, type Ledger, noteKey, replayOf, titleOf, type Write } from './ledger.ts';
import { readLedger, writeLedger } from './ledger-file.ts';
import type { Behaviour, RequestRecord, ServedNote, ServerLog } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { checkOrigin, readJson, readWrite } from './request.ts';

export interface NotesServer {
  /** For mounting in another server; answers 404 for whatever is not below /api. */
  readonly handle: RequestListener;
  /** Listens on localhost only; 0 takes a free port. Answers the address. */
  start(port?: number): Promise<string>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export interface NotesServerOptions {
  /** Where the notes are kept, a JSON file. */
  readonly file: string;
  /** Epoch ms. */
  readonly clock?: () => number;
}

const MAX_REQUESTS = 1_000;
const LOG_LENGTH = 200;

interface Site {
  readonly file: string;
  readonly clock: () => number;
  readonly stopping: AbortController;
  ledger: Ledger;
  behaviour: Behaviour;
  readonly requests: RequestRecord[];
  /** Effects happen one after the other; this is the last. */
  tail: Promise<unknown>;
}

/** The HTTP API of the notes: a note is changed once per idempotency key, never by a fence below the last one seen. */
export async function createNotesServer({
  file,
  clock = Date.now,
}: NotesServerOptions): Promise<NotesServer> {
  const site: Site = {
    file,
    clock,
    stopping: new AbortController(),
    ledger: await readLedger(file),
    behaviour: { mode: 'normal' },
    requests: [],
    tail: Promise.resolve(),
  };
  const handle: RequestListener = (request, response) => void answer(site, request, response);
  const server = createServer(handle);
  return {
    handle,
    start: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, 'localhost', () =>
          resolve(`http://localhost:${(server.address() as AddressInfo).port}`),
        );
      }),
    close: async () => {
      site.stopping.abort();
      server.close();
      server.closeAllConnections();
      await site.tail;
    },
  };
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    checkOrigin(request);
    send(response, 200, await route(site, request));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'the server could not save this');
    if (!(error instanceof Refusal) && !site.stopping.signal.aborted) console.error(error);
    send(response, refusal.status, { error: refusal.message }, refusal.headers);
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

async function route(site: Site, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const wanted = `${request.method} ${pathname}`;
  if (wanted === 'GET /api/notes') return listNotes(site);
  if (wanted === 'GET /api/log') return readLog(site, Number(searchParams.get('limit') ?? LOG_LENGTH));
  if (wanted === 'POST /api/behaviour') {
    site.behaviour = parseBehaviour(await readJson(request));
    return site.behaviour;
  }
  const id = /^\/api\/notes\/([^/]+)$/.exec(pathname)?.[1];
  if (id === undefined) throw new Refusal(404, 'nothing is served here');
  if (request.method !== 'PUT' && request.method !== 'DELETE')
    throw new Refusal(405, 'a note takes PUT and DELETE', { Allow: 'PUT, DELETE' });
  return await receive(site, await readWrite(request, request.method, id));
}

function listNotes({ ledger }: Site): { notes: ServedNote[] } {
  const live = [...ledger.notes.values()].filter((note) => note.deleted !== true);
  return {
    notes: live.map(({ id, text, revision, updatedAt, savedAt }) => ({
      id,
      text,
      revision,
      updatedAt,
      savedAt,
    })),
  };
}

function readLog(site: Site, limit: number): ServerLog {
  const { behaviour, ledger, requests } = site;
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new Refusal(422, 'limit: expected 1 to 10000');
  const keys = [...ledger.keys.values()].slice(-limit);
  return {
    noteCount: listNotes(site).notes.length,
    behaviour,
    keys: keys.map(({ fingerprint: _, answer: __, ...shown }) => shown),
    requests: requests.slice(-limit),
  };
}

async function receive(site: Site, write: Write): Promise<unknown> {
  try {
    const mood = nextMood(site.behaviour);
    site.behaviour = mood.after;
    const { slowMs = 0, slowWhen = 'after' } = mood.after;
    if (mood.refusal !== undefined) throw mood.refusal;
    if (slowWhen === 'before') await pause(site, slowMs);
    const { answer, effect } = await inTurn(site, () => takeEffect(site, write));
    record(site, write, 200, effect);
    if (slowWhen === 'after') await pause(site, slowMs);
    return answer;
  } catch (error) {
    if (error instanceof Refusal) {
      const { status } = error;
      await inTurn(site, async () => noteReceipt(site, write, status));
      record(site, write, status, false);
    }
    throw error;
  }
}

async function pause({ stopping }: Site, ms: number): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { signal: stopping.signal });
}

async function inTurn<T>(site: Site, work: () => Promise<T>): Promise<T> {
  const turn = site.tail.then(work);
  site.tail = turn.catch(() => {});
  return await turn;
}

async function takeEffect(site: Site, write: Write): Promise<{ answer: unknown; effect: boolean }> {
  const now = site.clock();
  const replay = replayOf(site.ledger, write);
  if (replay !== undefined) {
    noteReceipt(site, write, 200);
    return { answer: replay.answer, effect: false };
  }
  const { ledger, answer } = applyWrite(site.ledger, write, now);
  await writeLedger(site.file, ledger);
  site.ledger = ledger;
  return { answer, effect: true };
}

/** Without an effect nothing is written to the file: these counts are kept with the next one. */
function noteReceipt(site: Site, write: Write, status: number): void {
  site.ledger = { ...site.ledger, keys: noteKey(site.ledger, write, site.clock(), status) };
}

function record(site: Site, write: Write, status: number, effect: boolean): void {
  const { method, id, key, fence, revision, text } = write;
  site.requests.push({
    at: site.clock(),
    method,
    noteId: id,
    key,
    fence,
    revision,
    title: titleOf(text),
    status,
    effect,
  });
  if (site.requests.length > MAX_REQUESTS) site.requests.shift();
}
