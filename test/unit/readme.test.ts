import { count, redrive } from 'holdfast';
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

it('shows no other code', () => expect(read('../../README.md').split('```ts')).toHaveLength(2));

it('the guide to Cloudflare shows a class of a Durable Object that compiles as it is, against the types of workers', () => {
  const guide = read('../../docs/guides/cloudflare.md');
  expect(guide).toContain(`\`\`\`ts\n${read('../workerd/guide-mailer.ts')}\`\`\``);
  expect(JSON.parse(read('../../tsconfig.workers.json')).include).toContain('test/workerd');
});

/** Serves the notes on a real port, for code that asks for paths of its page. */
async function serveNotes(statusOf: (text: string) => number) {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { text } = JSON.parse(Buffer.concat(chunks).toString()) as { text: string };
    const status = statusOf(text);
    seen.push(`${request.method} ${request.url} ${text} ${status}`);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const OwnRequest = globalThis.Request;
  globalThis.Request = class extends OwnRequest {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(typeof input === 'string' ? new URL(input, `http://127.0.0.1:${port}`) : input, init);
    }
  };
  const close = () => {
    globalThis.Request = OwnRequest;
    server.close();
  };
  return { seen, close };
}

it('has an example whose last edit wins: through an outage, a refusal and a redrive', async () => {
  const statuses: Record<string, number[]> = { down: [503, 503], refused: [422] };
  const { seen, close } = await serveNotes((text) => statuses[text]?.shift() ?? 200);
  try {
    const { queue, save, worker } = await import('./readme-example.ts');
    const next = (event: 'job:completed' | 'job:dead') =>
      new Promise<string>((resolve) => {
        const off = queue.on(event, ({ job }) => {
          off();
          resolve(job.id);
        });
      });
    let done = next('job:completed');
    await save({ id: 'a', text: 'down' });
    await done;
    const died = next('job:dead');
    await save({ id: 'a', text: 'refused' });
    const dead = await died;
    done = next('job:completed');
    await save({ id: 'a', text: 'last' });
    await done;
    // What it was to say is said already.
    expect(await redrive(queue, dead)).toBe('duplicate');
    expect(seen).toEqual([
      'PUT /api/notes/a down 503',
      'PUT /api/notes/a down 503',
      'PUT /api/notes/a down 200',
      'PUT /api/notes/a refused 422',
      'PUT /api/notes/a last 200',
    ]);
    await worker.stop();
    expect(await count(queue)).toMatchObject({ pending: 0, active: 0, dead: 1 });
    await queue.close();
  } finally {
    close();
  }
});
