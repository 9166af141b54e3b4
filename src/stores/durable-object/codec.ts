import { parse, stringify } from 'devalue';
import type { Codec } from '../../core/kernel/codec.ts';
import { PayloadError, quote } from '../../core/kernel/errors.ts';
import { jsonText } from '../../core/kernel/json-text.ts';
import { sealPayload } from '../../core/kernel/payload.ts';

/**
 * A row may have 2 MB (Cloudflare's limit for SQLite in Durable Objects; the local runtime does not enforce it). The rest of it is
 * for what the job itself needs: its keys, and 5 errors of 2,148 characters, 7 bytes each once they are escaped twice.
 */
const MAX_PAYLOAD_BYTES = 2_000_000 - 150_000;

const PLAIN = 'j';
const RICH = 'd';

/** Payloads as text: JSON where that is enough, else devalue's. The first character says which. */
export const durableObjectCodec: Codec = {
  seal(payload, sealed) {
    // What is not plain may hold a Blob, which was fine for whoever sealed it.
    const { value, plain, size } = sealed?.plain
      ? { value: payload, ...sealed }
      : sealPayload(payload, { blobs: false });
    const stored = plain ? PLAIN + jsonText(value) : RICH + stringify(value, { [ENTRIES]: entriesOf });
    // Nothing takes more than 3 bytes a character, so that most need not be counted.
    const bytes = stored.length * 3 > MAX_PAYLOAD_BYTES ? utf8Length(stored) : stored.length;
    if (bytes > MAX_PAYLOAD_BYTES)
      throw new PayloadError(
        'payload',
        `has ${bytes} bytes as text: a Durable Object holds at most ${MAX_PAYLOAD_BYTES}`,
      );
    return { stored, size };
  },
  reveal(stored) {
    const text = String(stored);
    if (text.startsWith(PLAIN)) return JSON.parse(text.slice(1));
    if (text.startsWith(RICH)) return parse(text.slice(1), { [ENTRIES]: fromEntries });
    throw new Error(`its form ${quote(text.slice(0, 1))} is not known`);
  },
};

/** devalue refuses objects with an own __proto__: they travel as their entries. */
const ENTRIES = 'entries';

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__')) return undefined;
  return Object.entries(value);
}

function fromEntries(entries: readonly [string, unknown][]): object {
  return Object.fromEntries(entries); // Defines, so that __proto__ is a property like any other.
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate is one half of a character of four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}
