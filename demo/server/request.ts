import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Write } from './ledger.ts';
import { Refusal } from './refusal.ts';

const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
/** A text of MAX_TEXT characters may take six bytes each when JSON escapes it. */
const MAX_BODY = 512 * 1_024;
const MAX_TEXT = 64 * 1_024;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const KEY = /^[\x21-\x7e]{1,200}$/;
const WHOLE = /^\d{1,15}$/;

/** Refuses whatever another site, or a name that was pointed at this machine, could make a browser send. */
export function checkOrigin({ headers }: IncomingMessage): void {
  const host = headers.host ?? '';
  if (!LOCAL_HOSTS.includes(host.replace(/:\d+$/, '')))
    throw new Refusal(403, 'this server is for localhost only');
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && origin !== `http://${host}`) throw new Refusal(403, 'not from another origin');
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Refusal(403, 'not from another site');
}

/** The JSON body. Throws Refusal 415, 413 or 400. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'expected application/json');
  const text = await readBody(request);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is not read: the connection cannot be used again.
    if (size > MAX_BODY)
      throw new Refusal(413, `the body is larger than ${MAX_BODY} bytes`, { Connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Checks a write to a note. Throws Refusal. */
export async function readWrite(
  request: IncomingMessage,
  method: 'PUT' | 'DELETE',
  id: string,
): Promise<Write> {
  if (!ID.test(id)) throw new Refusal(400, 'the id has characters that an id cannot have');
  const key = header(request, 'idempotency-key', KEY);
  const device = header(request, 'device', ID);
  const fence = Number(header(request, 'fence', WHOLE));
  const note =
    method === 'PUT' ? checkNote(await readJson(request)) : { text: '', revision: 0, updatedAt: 0 };
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([method, id, note]))
    .digest('hex');
  return { method, id, key, device, fence, ...note, fingerprint };
}

function header(request: IncomingMessage, name: string, pattern: RegExp): string {
  const value = request.headers[name];
  if (typeof value !== 'string' || !pattern.test(value))
    throw new Refusal(400, `the header ${name} is missing or wrong`);
  return value;
}

function checkNote(body: unknown): { text: string; revision: number; updatedAt: number } {
  if (typeof body !== 'object' || body === null) throw new Refusal(422, 'expected an object');
  const { text, revision, updatedAt } = body as Record<string, unknown>;
  if (typeof text !== 'string') throw new Refusal(422, 'text: expected a string');
  if (text.length > MAX_TEXT) throw new Refusal(422, `text: longer than ${MAX_TEXT} characters`);
  return { text, revision: whole('revision', revision), updatedAt: whole('updatedAt', updatedAt) };
}

function whole(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal(422, `${name}: expected a whole number, 0 or more`);
}
