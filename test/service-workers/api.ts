import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that was taken. */
export interface Arrival {
  /** With its query. */
  readonly path: string;
  /** Of the header `idempotency-key`. */
  readonly key: string | undefined;
  readonly method: string;
  /** As it was sent: `new Response(body, { headers: { 'content-type': type } })` reads it. */
  readonly body: Buffer<ArrayBuffer>;
  readonly type: string;
}

/** What a server does with requests to it: takes each under its key once, as a server should, and fails as a test wants it to. */
export class Api {
  /** Each once, in the order they came. */
  readonly arrivals: Arrival[] = [];
  /** Taken before, under the same key. */
  readonly repeats: string[] = [];
  /** Answered with 503. */
  readonly refused: string[] = [];
  /** Connections are closed without an answer. */
  down = false;
  readonly #refuseEachOnce: boolean;
  readonly #taken = new Set<string>();
  readonly #waiting = new Set<ServerResponse>();
  #standsStillAt = Number.POSITIVE_INFINITY;
  #onStill: () => void = () => undefined;

  /** `refuseEachOnce`: what comes for the first time is answered with 503. */
  constructor(refuseEachOnce = false) {
    this.#refuseEachOnce = refuseEachOnce;
  }

  /** When so many have arrived, all further requests hang. Resolves when the first one does. */
  standStillAt(arrivals: number): Promise<void> {
    this.#standsStillAt = arrivals;
    return new Promise((resolve) => {
      this.#onStill = resolve;
      if (this.#waiting.size > 0) resolve();
    });
  }

  /** What hangs is dropped without having been taken. */
  goOn(): void {
    this.#standsStillAt = Number.POSITIVE_INFINITY;
    for (const response of this.#waiting) response.destroy();
    this.#waiting.clear();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (this.down) {
      response.destroy();
      return;
    }
    const body = await read(request);
    if (this.arrivals.length >= this.#standsStillAt) {
      this.#waiting.add(response);
      this.#onStill();
      return;
    }
    response.writeHead(this.#take(path, request, body)).end();
  }

  /** Answers the status. */
  #take(path: string, { headers, method = '' }: IncomingMessage, body: Buffer<ArrayBuffer>): number {
    if (this.#refuseEachOnce && !this.refused.includes(path)) {
      this.refused.push(path);
      return 503;
    }
    const key = headers['idempotency-key']?.toString();
    if (key !== undefined && this.#taken.has(key)) {
      this.repeats.push(path);
      return 200;
    }
    if (key !== undefined) this.#taken.add(key);
    this.arrivals.push({ path, key, method, body, type: headers['content-type'] ?? '' });
    return 201;
  }
}

async function read(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
