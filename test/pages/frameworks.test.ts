import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright';
import sirv from 'sirv';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { sourceAliases } from '../../scripts/entries.ts';

const FRAMEWORKS = ['react', 'vue', 'svelte', 'solid'];

const folderOf = (example: string) =>
  fileURLToPath(new URL(`../../demo/examples/${example}`, import.meta.url));

/** What the app of a framework is served with: notes are answered when a test says so. */
interface NoteServer {
  readonly origin: string;
  /** Answers the next note with this status, as soon as it is there; resolves with its text. */
  answer(status: number): Promise<string>;
  close(): void;
}

async function serve(folder: string): Promise<NoteServer> {
  const files = sirv(folder, { dev: true });
  const notes: { readonly text: string; readonly response: ServerResponse }[] = [];
  const waiting: (() => void)[] = [];
  const server: Server = createServer((request, response) => {
    if (request.url !== '/api/notes') return files(request, response);
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => {
      notes.push({ text, response });
      for (const resume of waiting.splice(0)) resume();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async answer(status) {
      while (notes.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const { text, response } = notes.shift()!;
      response.writeHead(status).end();
      return text;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

let browser: Browser;
let dist: string;
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'holdfast-frameworks-'));
  browser = await chromium.launch(chromiumLaunch());
});
afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true });
});

test.concurrent.each(FRAMEWORKS)(
  'the example of %s, as Vite builds it: shows what is saved, sent and refused, and tries again',
  async (framework) => {
    const outDir = join(dist, framework);
    await build({
      root: folderOf(framework),
      logLevel: 'warn',
      resolve: { alias: sourceAliases },
      build: {
        outDir,
        emptyOutDir: true,
        minify: false,
        reportCompressedSize: false,
        chunkSizeWarningLimit: 10_000,
      },
    });
    const site = await serve(outDir);
    const context = await browser.newContext();
    context.setDefaultTimeout(0); // What never comes fails by the limit of the suite, as everywhere else.
    try {
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('console', (message) => {
        // The browser itself tells of a response that is no success.
        if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
          wrong.push(message.text());
      });
      await page.goto(site.origin);
      const save = async (text: string) => {
        await page.locator('input').fill(text);
        await page.locator('button[type=submit]').click();
      };
      const says = (text: string) => page.locator('[role=status]', { hasText: text }).waitFor();

      await save('ahoy');
      await page.locator('#outbox li', { hasText: 'ahoy' }).waitFor();
      await page.locator('h2', { hasText: '1 to send' }).waitFor();
      await says('Saved: active.');
      expect(await site.answer(200)).toBe('ahoy');
      await page.locator('h2', { hasText: '0 to send' }).waitFor();
      await says('Sent.');
      expect(await page.locator('input').inputValue()).toBe('');

      await save('kelp');
      expect(await site.answer(422)).toBe('kelp');
      await page.locator('#refused li', { hasText: 'kelp' }).waitFor();
      await says('Saved: dead.');
      await page.locator('button', { hasText: 'Try again' }).click();
      expect(await site.answer(200)).toBe('kelp');
      await says('Sent.');
      await page.locator('#refused li').waitFor({ state: 'detached' });
      expect(wrong).toEqual([]);
    } finally {
      await context.close();
      site.close();
    }
  },
);
