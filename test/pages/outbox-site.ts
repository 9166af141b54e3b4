import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { entries } from '../../scripts/entries.ts';

/** Whose background sync the app imports. */
export type Library = 'holdfast/workbox' | 'workbox-background-sync';

/** A request as the server got it. */
export interface Got {
  readonly id: string;
  readonly type: string;
  readonly bytes: number;
  readonly key: string | undefined;
  /** 0: the connection was cut. */
  readonly status: number;
}

/** An app with a service worker, its server, and a browser. */
export interface OutboxSite {
  readonly url: string;
  readonly browser: BrowserContext;
  readonly page: Page;
  /** All that arrived under /api/, in order. */
  readonly got: readonly Got[];
  /** What the next requests of an id meet, one after the other; then 200. 0: the connection is cut. */
  answers(id: string, ...statuses: number[]): void;
  /** Puts the service worker of the other library in the place of this one. */
  change(library: Library): Promise<void>;
  /** A sync as the browser sends it when it tries again. */
  sync(): Promise<void>;
  /** From now on the browser sends no sync of its own. */
  refuseSyncs(): Promise<void>;
  /** How many requests are stored, by whichever library. */
  left(): Promise<number>;
  /** Kills the service worker. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/outbox/${name}`, import.meta.url));

/** A bundle as an app has it: with the one import, or the other. */
async function bundle(name: string, library?: Library): Promise<string> {
  const ours = Object.fromEntries(entries.map((entry) => [entry.name, join(process.cwd(), entry.source)]));
  const { outputFiles } = await build({
    entryPoints: [fixture(name)],
    bundle: true,
    format: 'iife',
    write: false,
    alias: {
      ...ours,
      ...(library === 'holdfast/workbox' && { 'workbox-background-sync': ours[library] ?? '' }),
    },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

export async function startOutbox(library: Library): Promise<OutboxSite> {
  const page = await bundle('page.ts');
  let worker = await bundle('worker.ts', library);
  const got: Got[] = [];
  const answers = new Map<string, number[]>();
  const api = async (request: IncomingMessage, response: ServerResponse, id: string) => {
    const status = answers.get(id)?.shift() ?? 200;
    const bytes = (await read(request)).length;
    const { 'content-type': type = '', 'idempotency-key': key } = request.headers;
    got.push({ id, bytes, type: type.replace(/boundary=.*/, ''), key: key?.toString(), status });
    if (status === 0) response.destroy();
    else response.writeHead(status).end();
  };
  const form = `<form method="post" action="/api/navigation"><input name="kelp" value="1"><button>Send</button></form>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const give = (type: string, text: string) =>
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
    if (pathname === '/worker.js') return give('text/javascript', worker);
    if (pathname === '/page.js') return give('text/javascript', page);
    if (pathname.startsWith('/api/')) return void api(request, response, pathname.slice('/api/'.length));
    return give('text/html', `<!doctype html><title>Outbox</title>${form}<script src="/page.js"></script>`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-outbox-'));
  const browser = await chromium.launchPersistentContext(folder, chromiumLaunch());
  browser.setDefaultTimeout(120_000);
  await browser.grantPermissions(['background-sync'], { origin: url });
  const tab = await browser.newPage();
  const session = await browser.newCDPSession(tab);
  const registration = registrationOf(session);
  let looker: Page | undefined;
  await tab.goto(url);
  await tab.locator('html[data-ready]').waitFor({ state: 'attached' });
  return {
    url,
    browser,
    page: tab,
    got,
    answers: (id, ...statuses) => void answers.set(id, statuses),
    async change(other) {
      worker = await bundle('worker.ts', other);
      await tab.evaluate(async () => {
        const changed = new Promise((resolve) =>
          navigator.serviceWorker.addEventListener('controllerchange', resolve),
        );
        await (await navigator.serviceWorker.ready).update();
        await changed;
      });
    },
    async sync() {
      const registrationId = await registration;
      const event = { origin: url, registrationId, tag: 'workbox-background-sync:outbox', lastChance: false };
      await session.send('ServiceWorker.dispatchSyncEvent', event);
    },
    async refuseSyncs() {
      const permission = { name: 'background-sync' };
      await session.send('Browser.setPermission', { permission, setting: 'denied', origin: url });
    },
    async left() {
      if (looker === undefined) {
        looker = await browser.newPage();
        await looker.goto(url);
        await looker.locator('html[data-ready]').waitFor({ state: 'attached' });
      }
      return looker.evaluate(() => window.left());
    },
    kill: () => session.send('ServiceWorker.stopAllWorkers').then(() => undefined),
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function registrationOf(session: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first !== undefined) resolve(first.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  return found;
}
