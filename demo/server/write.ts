import type { Write } from './ledger.ts';
import { Refusal } from './refusal.ts';

/** A text of this many characters may take six bytes each when JSON escapes it. */
const MAX_TEXT = 64 * 1_024;
export const MAX_BODY = 512 * 1_024;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const KEY = /^[\x21-\x7e]{1,200}$/;
const WHOLE = /^\d{1,15}$/;

/** The write that this request asks for; its body is parsed, its headers are read by their lower-case name. Throws Refusal. */
export async function parseWrite(
  method: 'PUT' | 'DELETE',
  id: string,
  header: (name: string) => unknown,
  body: () => Promise<unknown>,
): Promise<Write> {
  if (!ID.test(id)) throw new Refusal(400, 'the id has characters that an id cannot have');
  const checked = (name: string, pattern: RegExp): string => {
    const value = header(name);
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new Refusal(400, `the header ${name} is missing or wrong`);
  };
  const key = checked('idempotency-key', KEY);
  const device = checked('device', ID);
  const fence = Number(checked('fence', WHOLE));
  const note = method === 'PUT' ? checkNote(await body()) : { text: '', revision: 0, updatedAt: 0 };
  return { method, id, key, device, fence, ...note, fingerprint: await sha256([method, id, note]) };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

export function checkJsonType(contentType: string | null | undefined): void {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? ''))
    throw new Refusal(415, 'expected application/json');
}

async function sha256(value: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(value)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
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
