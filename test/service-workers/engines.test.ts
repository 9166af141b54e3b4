import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, until } from './browser.ts';
import { engine, openBrowser } from './open-browser.ts';
import { type Site, startSite } from './site.ts';

let site: Site;
let browser: Browser;
beforeAll(async () => {
  site = await startSite({
    page: new URL('site/loading-page.ts', import.meta.url),
    serviceWorker: new URL('site/loading-worker.ts', import.meta.url),
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test.each(['module', 'classic'])(
  'a service worker that is loaded as a %s script runs what its page enqueues',
  async (type) => {
    const tab = await browser.open(`${site.origin}/?type=${type}`);
    await tab.evaluate(`enqueue('/api/${type}')`);
    await until(
      () => site.api.arrivals.map(({ path }) => path),
      (paths) => paths.includes(`/api/${type}`),
    );
    expect(site.api.repeats).toEqual([]);
    await tab.evaluate(`navigator.serviceWorker.ready.then((registration) => registration.unregister())`);
    await tab.close();
  },
);

test('a queue that lives in the service worker is a queue of its page, whose events that hears', async () => {
  const tab = await browser.open(`${site.origin}/?type=module`);
  const ids = [
    await tab.evaluate<string>(`hosted.enqueue('/api/hosted/1')`),
    await tab.evaluate<string>(`hosted.enqueue('/api/hosted/2')`),
  ];
  await until(
    () => tab.evaluate<string[]>('hosted.heard'),
    (heard) => ids.every((id) => heard.includes(id)),
  );
  expect(await tab.evaluate('hosted.refused()')).toBe('InvalidOption');
  expect(await tab.evaluate('hosted.count()')).toMatchObject({ pending: 0, active: 0, dead: 0 });
  await tab.close();
});

test('this engine has and has not what the documentation says', async () => {
  const tab = await browser.open(`${site.origin}/`);
  const documented = await documentedFor(engine ?? '');
  expect(documented.size).toBeGreaterThan(10);
  const found = new Map<string, string>();
  for (const name of documented.keys()) {
    const isThere = `navigator.serviceWorker.ready.then((ready) => (globalThis.registration = ready, globalThis.${name.replaceAll('.', '?.')} !== undefined))`;
    found.set(name, (await tab.evaluate<boolean>(isThere)) ? 'yes' : 'no');
  }
  expect(found).toEqual(documented);
});

/** The column of an engine, by the names in the first one. */
async function documentedFor(name: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../../docs/browsers.md', import.meta.url), 'utf8');
  const [, after = ''] = text.split('\n## What each engine has\n');
  const [section = ''] = after.split('\n## ');
  const [heads, , ...rows] = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | '));
  const column = heads?.findIndex((head) => head.toLowerCase().startsWith(name)) ?? -1;
  return new Map(rows.map((cells) => [/`(.*?)`/.exec(cells[0] ?? '')?.[1] ?? '', cells[column] ?? '']));
}
