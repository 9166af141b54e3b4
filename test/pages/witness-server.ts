import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An effect that a handler had, told by itself. */
export interface Effect {
  readonly id: string;
  readonly fence: number;
}

/** Hears the effects of pages of other origins, and keeps them waiting where a test wants them to stand still. */
export interface WitnessServer {
  readonly url: string;
  readonly effects: readonly Effect[];
  /** Resolves when the next page asks to be held. Until then effects are answered at once. */
  held(): Promise<void>;
  /** Also holds whoever tells an effect of this job, once. */
  holdEffectOf(id: string): void;
  /** Answers all that are held. */
  letGo(): void;
  close(): Promise<void>;
}

export async function startWitnessServer(): Promise<WitnessServer> {
  const effects: Effect[] = [];
  const toHold = new Set<string>();
  let waiting: (() => void)[] = [];
  let onHeld: () => void = () => undefined;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const id = searchParams.get('id') ?? '';
    if (pathname === '/effect') effects.push({ id, fence: Number(searchParams.get('fence')) });
    const answer = () => void response.writeHead(204, { 'access-control-allow-origin': '*' }).end();
    if (pathname !== '/hold' && !toHold.delete(id)) return answer();
    waiting.push(answer);
    onHeld();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effects,
    held: () =>
      new Promise((resolve) => {
        onHeld = resolve;
        if (waiting.length > 0) resolve();
      }),
    holdEffectOf: (id) => void toHold.add(id),
    letGo: () => {
      for (const answer of waiting) answer();
      waiting = [];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
