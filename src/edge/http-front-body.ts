import { Problem } from './http-front-problem.ts';

/**
 * The JSON of a request's body: 415 for another content type, 413 for more than `maxBytes`, 400 for what is no JSON in UTF-8. Bytes are
 * counted as they come: what a client says of the length is not believed.
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  // A form or a plain fetch of another site's page cannot send this type without a preflight.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type')?.trim() ?? ''))
    throw new Problem(415, { detail: 'content-type: expected application/json' });
  const bytes = await readBytes(request, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Problem(400, { detail: 'the body is no JSON' });
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed) throw new Error('authorize has read the body: let it read a clone of the request');
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const chunk = await reader?.read().catch(() => {
      throw new Problem(400, { detail: 'the body broke off' });
    });
    if (chunk === undefined || chunk.done) return joined(chunks, length);
    length += chunk.value.byteLength;
    if (length > maxBytes) {
      // Whether the sender heeds it is its own affair.
      void reader?.cancel().catch(() => undefined);
      throw new Problem(413, { detail: `the body is larger than ${maxBytes} bytes` });
    }
    chunks.push(chunk.value);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
