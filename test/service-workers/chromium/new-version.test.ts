import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RawChromium, rawChromium } from '../../pages/raw-chromium.ts';
import { until } from '../browser.ts';
import { type BundledSite, startSite } from '../site.ts';

const at = (path: string) => new URL(`../site/${path}`, import.meta.url);
const JOBS = 10;

let site: BundledSite;
/** Without Playwright: a service worker that has a debugger is not ended for a new version. */
let browser: RawChromium;
beforeAll(async () => {
  site = await startSite({ page: at('sync-page.ts'), serviceWorker: at('old-worker.ts') });
  browser = await rawChromium();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test('a new version takes over while ten jobs run: none is lost, none counts as a crash, and each is sent once', async () => {
  const tab = await browser.open(`${site.origin}/`);
  const counts = () => tab.evaluate<Readonly<Record<string, number>>>(`page.count()`);
  const paths = Array.from({ length: JOBS }, (_, n) => `/api/${n}`);
  for (const path of paths) await tab.evaluate(`page.enqueue('${path}')`);
  await until(counts, ({ active }) => active === JOBS);
  await site.deploy(at('sync-worker.ts'));
  expect(await tab.evaluate('page.update()')).toBe('activated');
  const arrivals = await until(
    () => site.api.arrivals,
    ({ length }) => length === JOBS,
  );
  const sent = arrivals.map(({ path }) => new URL(path, site.origin));
  expect(sent.map(({ pathname }) => pathname).toSorted()).toEqual(paths);
  for (const { search } of sent) expect(search).toBe('?crashes=0&evictions=0&attempt=1&unhandled=0');
  await until(counts, ({ pending = 0, active = 0 }) => pending + active === 0);
  expect(await counts()).toMatchObject({ dead: 0, cancelled: 0 });
  expect(site.api.repeats).toEqual([]);
});
