import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, IS_READY, type Tab, until } from './browser.ts';
import { engine, openBrowser } from './open-browser.ts';
import { type Site, startSite } from './site.ts';

const HOWS = ['byHand', 'plain', 'id', 'lane', 'key'];
/** LEAVING_TRIES=30 measures: so many times each by itself, and says what was kept. */
const measured = Number(process.env.LEAVING_TRIES ?? 0);
const tries = measured || 4;
const groups = measured ? HOWS.map((how) => [how]) : [HOWS];
/** So many less than by hand. WebKit keeps what it likes of all that is begun then, also by hand: there it is measured, and must not come twice. */
const SLACK = engine === 'webkit' ? tries : 2;

let site: Site;
let browser: Browser;
beforeAll(async () => {
  site = await startSite({
    page: new URL('site/leaving-page.ts', import.meta.url),
    serviceWorker: new URL('site/loading-worker.ts', import.meta.url),
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Leaves the page so often; the next one begins where it went. */
async function leave(tab: Tab, hows: readonly string[], when: string): Promise<void> {
  for (let i = 0; i < tries; i += 1) {
    const end = `${when}-${i}`;
    await tab.evaluate(`void leave(${JSON.stringify(hows)}, '${when}', '${end}')`);
    const isThere = `${IS_READY} && location.search === '?${end}'`;
    await until(
      () => tab.evaluate<boolean>(isThere).catch(() => false),
      (there) => there,
    );
  }
}

test.each(['pagehide', 'visibilitychange', 'beforeunload', 'click'])(
  'what a page saves while it goes is kept as often as a put by hand, and once: in %s',
  async (when) => {
    const tab = await browser.open(site.origin);
    for (const hows of groups) await leave(tab, hows, when);
    const names = await tab.evaluate<string[]>('saved()');
    await tab.close();
    expect(new Set(names).size).toBe(names.length);
    const kept = HOWS.map((how) => names.filter((name) => name.startsWith(`${how}-${when}-`)).length);
    if (measured)
      console.log(`${when}, of ${tries}: ${HOWS.map((how, i) => `${how} ${kept[i]}`).join(', ')}`);
    const [byHand = 0] = kept;
    for (const many of kept) expect(many, `${kept} of ${tries}`).toBeGreaterThanOrEqual(byHand - SLACK);
  },
);
