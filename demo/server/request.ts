import type { IncomingMessage } from 'node:http';
import type { Write } from './ledger.ts';
import { Refusal } from './refusal.ts';
import { checkJsonType, MAX_BODY, parseJson, parseWrite } from './write.ts';

const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Refuses whatever another site, or a name that was pointed at this machine, could make a browser send. */
export function checkOrigin({ headers }: Pick<IncomingMessage, 'headers'>): void {
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
  checkJsonType(request.headers['content-type']);
  return parseJson((await readBody(request)).toString('utf8'));
}

/** The body, bounded. Throws Refusal 413. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is not read: the connection cannot be used again.
    if (size > MAX_BODY)
      throw new Refusal(413, `the body is larger than ${MAX_BODY} bytes`, { Connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Checks a write to a note. Throws Refusal. */
export async function readWrite(
  request: IncomingMessage,
  method: 'PUT' | 'DELETE',
  id: string,
): Promise<Write> {
  return await parseWrite(
    method,
    id,
    (name) => request.headers[name],
    () => readJson(request),
  );
}
