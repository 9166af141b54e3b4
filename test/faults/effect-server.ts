import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Refusal } from '../../demo/server/refusal.ts';
import { checkOrigin, readJson } from '../../demo/server/request.ts';
import type { Orders, TabReport, Told } from './messages.ts';
import type { Witness } from './witness.ts';

/** How long an effect takes: work must be on its way when something dies. */
const EFFECT_MS = 10;

export interface EffectServer {
  /** Ends with a slash. Handlers post to `effect` below it. */
  readonly url: string;
  close(): Promise<void>;
}

export interface Served {
  readonly witness: Witness;
  /** The script of the page at `/`. */
  readonly script?: string;
  /** Hears what goes wrong in a page, and is expected to. */
  readonly onTold?: (told: Told) => void;
}

/** A real server, on an address that only this machine can reach: receives the effects, and what tabs have to report. */
export async function startEffectServer(served: Served): Promise<EffectServer> {
  const server = createServer((request, response) => {
    answer(served, request, response).catch((error: unknown) => {
      // Whoever asked may be dead by now.
      response.writeHead(error instanceof Refusal ? error.status : 500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  checkOrigin(request);
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const { witness, script = '' } = served;
  if (request.method === 'GET') {
    if (pathname === '/') response.setHeader('Content-Type', 'text/html; charset=utf-8').end(PAGE);
    else if (pathname === '/tab.js') response.setHeader('Content-Type', 'text/javascript').end(script);
    else throw new Refusal(404, 'there is no such page');
    return;
  }
  switch (pathname) {
    case '/effect':
      witness.see(String(request.headers['idempotency-key']));
      await wait(EFFECT_MS);
      response.writeHead(204).end();
      return;
    case '/orders': {
      const { tab, most } = (await readJson(request)) as TabReport['orders'];
      witness.appear(tab);
      const orders: Orders = { ids: witness.handOut(tab, most), allDone: witness.allDone };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(orders));
      return;
    }
    case '/counts':
      witness.count((await readJson(request)) as TabReport['counts']);
      response.writeHead(204).end();
      return;
    case '/accepted':
      witness.accept(((await readJson(request)) as TabReport['accepted']).ids);
      response.writeHead(204).end();
      return;
    case '/told':
      served.onTold?.((await readJson(request)) as Told);
      response.writeHead(204).end();
      return;
  }
  throw new Refusal(404, 'there is no such call');
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Faults</title>
    <link rel="icon" href="data:," />
    <script type="module" src="/tab.js"></script>
  </head>
  <body></body>
</html>`;
