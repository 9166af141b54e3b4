import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Tab, until } from '../browser.ts';
import { type ChromiumBrowser, openChromium } from '../chromium-browser.ts';
import { type Site, startSite } from '../site.ts';

const at = (path: string) => new URL(`../site/${path}`, import.meta.url);

let site: Site;
let browser: ChromiumBrowser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  site = await startSite({ page: at('sync-page.ts'), serviceWorker: at('sync-worker.ts') });
});
afterEach(() => site?.close());

const open = (query = '') => browser.open(`${site.origin}/${query}`);
const enqueue = (tab: Tab, ...paths: string[]) =>
  Promise.all(paths.map((path) => tab.evaluate(`page.enqueue('${path}')`)));
const tags = (tab: Tab) => tab.evaluate<readonly string[]>('page.tags()');

/** Requests that arrived, each with what was sent along. */
async function arrived(count: number): Promise<readonly Readonly<Record<string, string>>[]> {
  const arrivals = await until(
    () => site.api.arrivals,
    ({ length }) => length >= count,
  );
  return arrivals.map(({ path }) => {
    const { pathname, searchParams } = new URL(path, site.origin);
    return { path: pathname, ...Object.fromEntries(searchParams) };
  });
}

test('a sync whose request fails waits for the retry, and sends it in the same event when the server is back', async () => {
  site.api.down = true;
  const tab = await open();
  await enqueue(tab, '/api/x');
  await until(
    () => tab.evaluate<{ readonly tries?: number }>(`page.job('/api/x')`),
    ({ tries = 1 }) => tries > 1,
  );
  site.api.down = false;
  const [x] = await arrived(1);
  expect(x).toMatchObject({ path: '/api/x', attempt: '1', crashes: '0' });
  await until(
    () => tags(tab),
    ({ length }) => length === 0,
  );
  expect(site.api.repeats).toEqual([]);
  await tab.close();
});

test('a sync waits for a job that a tab runs, and runs it when the tab is closed', async () => {
  const [worker, tab] = [await open('?quiet'), await open('?quiet')];
  await worker.evaluate(`page.work()`);
  await enqueue(tab, '/api/x');
  await until(
    () => tab.evaluate<{ readonly active: number }>(`page.count()`),
    ({ active }) => active === 1,
  );
  await tab.evaluate(`page.ask()`);
  expect(await tags(tab)).toContain('holdfast:patient');
  await worker.close();
  expect(await arrived(1)).toMatchObject([{ path: '/api/x', attempt: '1', crashes: '1' }]);
  await until(
    () => tags(tab),
    ({ length }) => length === 0,
  );
  await tab.close();
});
