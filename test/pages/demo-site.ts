import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { expect } from 'vitest';
import { buildPages } from '../../demo/server/pages.ts';
import type { Behaviour, ServerLog } from '../../demo/server/protocol.ts';
import { startSite } from '../../demo/server/site.ts';
import { chromiumLaunch } from '../../scripts/chromium.ts';

export interface StoredNote {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
}

/** A server, a browser profile, and the tabs that are open in it. */
export interface DemoSite {
  readonly url: string;
  readonly browser: BrowserContext;
  /** Opens a tab and waits until the app, or the bench, is ready. */
  openTab(path?: string): Promise<Page>;
  behave(behaviour: Behaviour): Promise<void>;
  log(): Promise<ServerLog>;
  notes(): Promise<readonly StoredNote[]>;
  /** From now on the address has another version of the notes app: its service worker differs. */
  deploy(): Promise<void>;
  close(): Promise<void>;
}

/** A machine that has other things to do is no failure: this is for what never comes. */
const PATIENCE_MS = 120_000;

/** Starts everything anew in a temporary folder. `pages` names what is served: the notes app or the bench. */
export async function startDemo(pages: 'demo' | 'bench' = 'demo'): Promise<DemoSite> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pages-'));
  const root = fileURLToPath(new URL('fixtures', import.meta.url));
  const file = join(folder, 'notes.json');
  let site = await startSite({
    file,
    port: 0,
    ...(pages === 'bench' ? { root } : {}),
  });
  const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...chromiumLaunch(),
    viewport: { width: 1280, height: 800 },
  });
  browser.setDefaultTimeout(PATIENCE_MS);
  const ask = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(`${site.url}/api${path}`, init);
    expect(response.status).toBe(200);
    return await response.json();
  };
  return {
    url: site.url,
    browser,
    async openTab(path = '/') {
      const page = await browser.newPage();
      page.on('pageerror', (error) => console.error('in the page:', error));
      page.on('console', (line) => {
        // What cannot be loaded is what these tests are about.
        if (line.type() !== 'error' || line.text().startsWith('Failed to load resource')) return;
        console.error('in the page:', line.text());
      });
      await page.goto(`${site.url}${path}`);
      await page.locator('html[data-ready]').waitFor({ state: 'attached' });
      return page;
    },
    async behave(behaviour) {
      const headers = { 'Content-Type': 'application/json' };
      await ask('/behaviour', { method: 'POST', headers, body: JSON.stringify(behaviour) });
    },
    log: async () => (await ask('/log')) as ServerLog,
    notes: async () => ((await ask('/notes')) as { notes: StoredNote[] }).notes,
    async deploy() {
      const next = join(folder, 'next');
      await cp(await buildPages(), next, { recursive: true });
      await appendFile(join(next, 'service-worker.js'), '// the next version\n');
      await site.close();
      site = await startSite({ file, port: Number(new URL(site.url).port), folder: next });
    },
    async close() {
      await browser.close();
      await site.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Ends a tab as a crash does: nothing in it gets to say goodbye. */
export async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = new Promise((resolve) => page.once('crash', resolve));
  // The answer never comes: the page that should give it is gone.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}

/** Asks again until the answer is as wanted; fails with the last answer when the time is over. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  withinMs = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > end)
      throw new Error(`not within ${withinMs} ms; the last answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
