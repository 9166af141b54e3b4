import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, type Arrival } from './api.ts';
import { type HarshBrowser, type Tab, until } from './browser.ts';
import type { ChromiumBrowser } from './chromium-browser.ts';
import { engine, openHarshBrowser } from './open-browser.ts';
import { type Site, startSite } from './site.ts';

const LANES = ['notes', 'photos', 'letters', 'orders'];
const KINDS = ['json', 'form', 'blob'] as const;
/** By scripts, in each lane. */
const POSTS = 12;
/** By forms that leave the page, each from a tab of its own. */
const FORMS = 2;
const ALL = LANES.length * POSTS + FORMS;
/** At so many arrivals the service worker is killed, with requests on their way. */
const KILLED_AT = [15, 35];

let site: Site;
let browser: HarshBrowser;
beforeAll(async () => {
  site = await startSite({
    page: new URL('site/outbox-page.ts', import.meta.url),
    serviceWorker: new URL('site/outbox-worker.ts', import.meta.url),
    api: new Api(true),
  });
  browser = await openHarshBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test(`${ALL} requests of all kinds, made offline by tabs that are closed then, arrive once and in order, each after a 503 and although their service worker is killed twice`, async () => {
  const { api } = site;
  await closeAll(await postOffline());
  expect(api.arrivals).toEqual([]);
  expect(api.refused).toEqual([]);

  api.down = false;
  await browser.setOffline(false);
  let tabs = await wakeFirst();
  for (const arrivals of KILLED_AT) {
    await api.standStillAt(arrivals);
    expect(await browser.killWorkers()).toBe(1);
    api.goOn();
    tabs = await wakeAgain(tabs);
  }
  await until(
    () => api.arrivals.length,
    (arrived) => arrived >= ALL,
  );

  for (const lane of [...LANES, 'sign-up'])
    expect(numbersOf(lane)).toEqual(range(lane === 'sign-up' ? FORMS : POSTS));
  expect(api.arrivals).toHaveLength(ALL);
  expect(new Set(api.refused).size).toBe(ALL);
  expect(api.refused).toHaveLength(ALL);
  for (const arrival of api.arrivals) await expectAsSent(arrival);
  await closeAll(tabs);
  const tab = await browser.open(site.origin);
  const counts = await until(
    () => tab.evaluate<Record<string, number>>('site.count()'),
    ({ pending = 0, active = 0 }) => pending + active === 0,
  );
  expect(counts).toMatchObject({ completed: ALL, dead: 0 });
  console.log(
    `${engine}: ${api.repeats.length} requests came again under their key, as their worker died before it had the answer`,
  );
});

/** Resolves with the tabs that did it. */
async function postOffline(): Promise<Tab[]> {
  const tabs: Tab[] = [];
  for (let n = 0; n < FORMS; n++) tabs.push(await browser.open(site.origin));
  await browser.setOffline(true);
  site.api.down = true;
  const [first] = tabs as [Tab];
  expect(await first.evaluate('navigator.onLine')).toBe(false);
  for (const lane of LANES)
    for (const n of range(POSTS)) {
      const [status, id] = await first.evaluate<[number, string]>(
        `site.post('${kindOf(n)}', '${lane}', ${n})`,
      );
      expect(status).toBe(202);
      expect(id).toMatch(/./);
    }
  for (const [n, tab] of tabs.entries()) {
    await tab.evaluate(`void site.submit('sign-up', ${n})`);
    await until(
      () => tab.evaluate<boolean>(`document.querySelector('#kept') !== null`).catch(() => false),
      (isKept) => isKept,
    );
  }
  return tabs;
}

/** Where there is Background Sync, the browser has promised it. Elsewhere the app is opened again. */
async function wakeFirst(): Promise<Tab[]> {
  return isChromium(browser) ? [] : [await browser.open(site.origin)];
}

/** Chromium itself would wait for five minutes, and then for fifteen. */
async function wakeAgain(tabs: readonly Tab[]): Promise<Tab[]> {
  await closeAll(tabs);
  if (!isChromium(browser)) return [await browser.open(site.origin)];
  await browser.dispatchSync(site.origin, 'holdfast:outbox');
  return [];
}

const isChromium = (one: HarshBrowser): one is ChromiumBrowser => 'dispatchSync' in one;

async function closeAll(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) await tab.close();
}

const range = (length: number): number[] => Array.from({ length }, (_, n) => n);
const kindOf = (n: number) => KINDS[n % KINDS.length] as (typeof KINDS)[number];

/** In the order they came. */
function numbersOf(lane: string): number[] {
  const here = site.api.arrivals.filter(({ path }) => path.startsWith(`/api/${lane}?`));
  return here.map(({ path }) => numberIn(path));
}

const numberIn = (path: string): number => Number(path.split('n=')[1]);
const fileText = (n: number): string => `${n} ünïcödé \u0000 ${'x'.repeat(n * 100)}`;

async function expectAsSent({ path, body, type }: Arrival): Promise<void> {
  const n = numberIn(path);
  const response = new Response(body, { headers: { 'content-type': type } });
  if (path.startsWith('/api/sign-up?')) {
    expect([type, body.toString()]).toEqual(['application/x-www-form-urlencoded', `n=${n}`]);
  } else if (kindOf(n) === 'json') {
    expect([type, await response.json()]).toEqual(['application/json', { n }]);
  } else if (kindOf(n) === 'blob') {
    expect([type, await response.text()]).toEqual(['application/x-blob', fileText(n)]);
  } else {
    const form = await response.formData();
    const file = form.get('file') as File;
    expect([form.get('n'), file.name, file.type]).toEqual([String(n), `file-${n}.txt`, 'text/x-log']);
    expect(await file.text()).toBe(fileText(n));
  }
}
