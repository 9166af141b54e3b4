import 'fake-indexeddb/auto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it('shows the example that the next test runs', () => {
  expect(read('../../README.md')).toContain(`\`\`\`ts\n${read('./readme-example.ts')}\`\`\``);
});

it('has an example that sends a saved note to a server, each edit once and in order', async () => {
  const seen: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const note: unknown = JSON.parse(Buffer.concat(chunks).toString());
    seen.push([request.method, request.url, note, request.headers['idempotency-key']]);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ownFetch = globalThis.fetch;
  globalThis.fetch = (path, init) => ownFetch(new URL(String(path), `http://127.0.0.1:${port}`), init);
  try {
    const { queue, save, worker } = await import('./readme-example.ts');
    const first = await save({ id: 'a', text: 'one' });
    const second = await save({ id: 'a', text: 'two' });
    await new Promise((resolve) => {
      queue.on('job:completed', ({ job }) => job.id === second.id && resolve(job));
    });
    expect(seen).toEqual([
      ['PUT', '/api/notes/a', { id: 'a', text: 'one' }, first.id],
      ['PUT', '/api/notes/a', { id: 'a', text: 'two' }, second.id],
    ]);
    await worker.stop();
    expect(await queue.count()).toMatchObject({ pending: 0, active: 0, completed: 2 });
    await queue.close();
  } finally {
    globalThis.fetch = ownFetch;
    server.close();
  }
});
