import type { RequestListener } from 'node:http';
import { Refusal } from './refusal.ts';
import { checkOrigin, readBody } from './request.ts';

const PASSED_ON = ['content-type', 'idempotency-key', 'device', 'fence'];

/** Passes what is asked below /api on to another server, which need not trust the page: who asks is checked here. */
export function passOnTo(upstream: string): RequestListener {
  return async (request, response) => {
    try {
      checkOrigin(request);
      const body = await readBody(request);
      const given = PASSED_ON.flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value] as const] : [];
      });
      const answer = await fetch(upstream + request.url, {
        method: request.method ?? 'GET',
        headers: Object.fromEntries(given),
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      });
      const text = await answer.text();
      const retryAfter = answer.headers.get('retry-after');
      response.writeHead(answer.status, {
        'Content-Type': 'application/json; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        ...(retryAfter === null ? {} : { 'Retry-After': retryAfter }),
      });
      response.end(text);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const { status, message } =
        error instanceof Refusal ? error : new Refusal(502, 'no answer from the edge');
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: message }));
    }
  };
}
