import type { SeenKey } from './protocol.ts';
import { Refusal } from './refusal.ts';

/** A note as the server holds it. A deleted one stays as a stone, so that a late write finds its fence. */
export interface HeldNote {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
  readonly updatedAt: number;
  readonly savedAt: number;
  /** Whose fence: fences of different devices cannot be compared. */
  readonly device: string;
  readonly fence: number;
  readonly deleted?: true;
}

/** What is known of one idempotency key. */
export interface KeyRecord extends SeenKey {
  /** Of the request that had the effect. */
  readonly fingerprint?: string;
  readonly answer?: unknown;
}

/** One write, checked. */
export interface Write {
  readonly method: 'PUT' | 'DELETE';
  readonly id: string;
  readonly key: string;
  readonly device: string;
  readonly fence: number;
  readonly text: string;
  readonly revision: number;
  readonly updatedAt: number;
  readonly fingerprint: string;
}

export interface Ledger {
  readonly notes: ReadonlyMap<string, HeldNote>;
  /** Oldest first. */
  readonly keys: ReadonlyMap<string, KeyRecord>;
}

/** Enough for a long day of clicking; a key that is forgotten would be applied again. */
const MAX_KEYS = 10_000;

export const titleOf = (text: string): string => (text.trimStart().split('\n', 1)[0] ?? '').slice(0, 80);

/** What was answered to this key before, or undefined. Throws Refusal 422 when the key came with another request. */
export function replayOf(ledger: Ledger, write: Write): { answer: unknown } | undefined {
  const record = ledger.keys.get(write.key);
  if (record?.applied !== 1) return undefined;
  if (record.fingerprint !== write.fingerprint)
    throw new Refusal(422, 'this idempotency key was used for another request');
  return { answer: record.answer };
}

/** The ledger with the write in it, and the answer. Throws Refusal 409 when a newer write of the same device was seen. */
export function applyWrite(ledger: Ledger, write: Write, now: number): { ledger: Ledger; answer: unknown } {
  const held = ledger.notes.get(write.id);
  if (held !== undefined && held.device === write.device && write.fence < held.fence)
    throw new Refusal(409, `superseded: fence ${write.fence} came after fence ${held.fence}`);
  const { id, device, fence, revision, updatedAt } = write;
  const kept = { id, revision, updatedAt, savedAt: now, device, fence };
  const note: HeldNote =
    write.method === 'PUT' ? { ...kept, text: write.text } : { ...kept, text: '', deleted: true };
  const answer = { id, revision, savedAt: now };
  const { fingerprint } = write;
  return {
    ledger: {
      notes: new Map(ledger.notes).set(id, note),
      keys: noteKey(ledger, write, now, 200, { fingerprint, answer }),
    },
    answer,
  };
}

/** The keys after a request was answered; `effect` when it was this request that changed the note. */
export function noteKey(
  { keys }: Ledger,
  write: Write,
  now: number,
  status: number,
  effect?: { fingerprint: string; answer: unknown },
): ReadonlyMap<string, KeyRecord> {
  const before = keys.get(write.key);
  const { key, id, method, text, revision } = write;
  const next = new Map(keys).set(key, {
    ...(before ?? { applied: 0 }),
    key,
    noteId: id,
    method,
    title: titleOf(text),
    revision,
    received: (before?.received ?? 0) + 1,
    lastStatus: status,
    at: now,
    ...(effect === undefined ? {} : { ...effect, applied: (before?.applied ?? 0) + 1 }),
  });
  for (const oldest of next.keys()) {
    if (next.size <= MAX_KEYS) break;
    next.delete(oldest);
  }
  return next;
}
