import fc from 'fast-check';
import { get } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { fakedFront, JSON_TYPE, letter, openFront } from './front-scene.ts';

describe('a body', () => {
  const exactly = (bytes: number) => {
    const empty = JSON.stringify(letter({ payload: { to: '' } }));
    return JSON.stringify(letter({ payload: { to: 'x'.repeat(bytes - empty.length) } }));
  };

  /** Told by no length: it goes on until nobody wants more. */
  function endless() {
    const state = { sent: 0, cancelled: false };
    const stream = new ReadableStream({
      pull(controller) {
        if (state.sent === 0)
          controller.enqueue(new TextEncoder().encode('{"name":"letter","payload":{"to":"'));
        state.sent += 1_000;
        controller.enqueue(new Uint8Array(1_000).fill(120));
        if (state.sent > 50_000_000) controller.close();
      },
      cancel() {
        state.cancelled = true;
      },
    });
    return { state, stream };
  }

  it('may have 64 KiB, and not one byte more', async () => {
    const { call, stored } = openFront();
    const send = (bytes: number) =>
      call('/jobs', { method: 'POST', headers: JSON_TYPE, body: exactly(bytes) });
    expect((await send(65_536)).status).toBe(201);
    expect((await send(65_537)).status).toBe(413);
    expect(await stored()).toBe(1);
  });

  it('is counted while it comes, and not read to its end: chunks without a length', async () => {
    const { call, stored } = openFront();
    const { stream } = endless();
    const answer = await call('/jobs', { method: 'POST', headers: JSON_TYPE, body: stream });
    expect(answer.status).toBe(413);
    expect(await stored()).toBe(0);
  });

  it('is not believed about its length', async () => {
    const { state, stream } = endless();
    const { front, asked } = fakedFront();
    const headers = { ...JSON_TYPE, 'content-length': '5' };
    const request = new Request('https://q.example/jobs', { method: 'POST', headers, body: stream });
    expect((await front(request)).status).toBe(413);
    expect(state).toMatchObject({ cancelled: true });
    expect(state.sent).toBeLessThan(200_000);
    expect(asked).toEqual(['authorize']);
  });

  it('may come in the smallest of pieces', async () => {
    const { call, client } = openFront();
    const bytes = new TextEncoder().encode(JSON.stringify(letter({ id: 'ü', payload: { to: 'ü€😀' } })));
    const stream = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    expect((await call('/jobs', { method: 'POST', headers: JSON_TYPE, body: stream })).status).toBe(201);
    expect(await get(client, 'ü')).toMatchObject({ payload: { to: 'ü€😀' } });
  });

  it('that breaks off is refused, and nothing is stored', async () => {
    const { front, asked } = fakedFront();
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    const answer = await front(
      new Request('https://q.example/jobs', { method: 'POST', headers: JSON_TYPE, body }),
    );
    expect(answer.status).toBe(400);
    expect(asked).toEqual(['authorize']);
  });

  it('that is anything at all is answered with 2xx or 4xx, and on 4xx nothing is stored', async () => {
    const { call, stored } = openFront();
    const field = fc.oneof(
      fc.constantFrom<unknown>('letter', 'send', 'unhandled', '__proto__', null, 1e308, -1, [], {}),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const envelope = fc.dictionary(
      fc.constantFrom('name', 'payload', 'id', 'options', '__proto__', 'toString'),
      fc.oneof(
        field,
        fc.dictionary(fc.constantFrom('to', 'lane', 'delayMs', 'idempotencyKey', 'priority'), field),
      ),
    );
    const likely = fc.record(
      {
        name: fc.constantFrom('letter', 'send', 'unhandled'),
        payload: field,
        id: fc.string(),
        options: envelope,
      },
      { requiredKeys: ['name', 'payload'] },
    );
    const json = fc.oneof(likely, envelope, fc.jsonValue()).map((value) => JSON.stringify(value));
    const body = fc.oneof({ arbitrary: json, weight: 3 }, fc.uint8Array({ maxLength: 200 }), fc.string());
    let accepted = 0;
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const { status } = await call('/jobs', {
          method: 'POST',
          headers: JSON_TYPE,
          body: bytes as BodyInit,
        });
        seen.add(status);
        if (status === 201) accepted += 1;
        return [200, 201, 400, 403, 422].includes(status);
      }),
      { numRuns: 300, seed: 20_260_801 },
    );
    expect([...seen]).toEqual(expect.arrayContaining([201, 400, 403, 422]));
    expect(await stored()).toBe(accepted);
  });
});
