import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { convertV4MiniflareOptions, Miniflare, Response as MiniflareResponse } from 'miniflare';
import { chromium, type Page } from 'playwright';
import sirv from 'sirv';
import { chromiumLaunch } from '../../scripts/chromium.ts';

/** Texts that come, and who waits for one. */
class Heard {
  readonly #texts: string[] = [];
  readonly #waiting = new Set<() => void>();

  add(text: string): void {
    this.#texts.push(text);
    for (const look of this.#waiting) look();
  }

  /** Resolves when this text has come. */
  has(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#texts.some((each) => each.includes(text))) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export interface Visit {
  readonly page: Page;
  readonly origin: string;
  /** Resolves when the console has said this. */
  says(text: string): Promise<void>;
  /** Resolves when the server of the app has been sent this. */
  sent(text: string): Promise<void>;
}

/** Serves an app with a server that takes what is posted to `/api/notes`, and opens a browser. */
export async function driveInChromium(folder: string, drive: (visit: Visit) => Promise<void>): Promise<void> {
  const [console, notes] = [new Heard(), new Heard()];
  const files = sirv(folder, { dev: true });
  const server = createServer(async (request, response) => {
    if (request.url !== '/api/notes') return files(request, response);
    notes.add(Buffer.concat(await request.toArray()).toString());
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch(chromiumLaunch());
  try {
    const page = await browser.newPage();
    page.on('console', (message) => console.add(message.text()));
    await drive({
      page,
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      says: (text) => console.has(text),
      sent: (text) => notes.has(text),
    });
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

/** Greets one by RPC and has one written by HTTP: both letters have to go out. */
export async function asksForNotes(ask: Ask, letter: (to: string) => Promise<void>): Promise<void> {
  const greeted = await ask('/greet');
  if (greeted.status !== 200) throw new Error(`GET /greet is ${greeted.status}: ${await greeted.text()}`);
  const payload = { to: 'posted@b.example', text: 'Hello' };
  const body = JSON.stringify({ name: 'mail.send', payload, id: 'once' });
  const posted = await ask('/jobs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (posted.status !== 201) throw new Error(`POST /jobs is ${posted.status}: ${await posted.text()}`);
  await letter('greeted@b.example');
  await letter('posted@b.example');
}

type Ask = (
  path: string,
  init?: { method: string; headers: Record<string, string>; body: string },
) => Promise<{
  readonly status: number;
  text(): Promise<string>;
}>;

/** Runs a Worker whose object is `Mailer`; what it fetches from elsewhere comes here. */
export async function runsWorker(
  script: string,
  drive: (ask: Ask, letter: (to: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const letters = new Heard();
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: 'app',
      telemetry: { enabled: false },
      modules: [{ type: 'ESModule', path: 'worker.js', contents: readFileSync(script, 'utf8') }],
      compatibilityDate: '2026-10-01',
      durableObjects: { MAILER: { className: 'Mailer', useSQLite: true } },
      outboundService: async (request) => {
        letters.add(await request.text());
        return new MiniflareResponse(undefined, { status: 204 });
      },
    }),
  );
  try {
    const url = await runtime.ready;
    await drive(
      (path, init) => fetch(new URL(path, url), init),
      (to) => letters.has(to),
    );
  } finally {
    await runtime.dispose();
  }
}
