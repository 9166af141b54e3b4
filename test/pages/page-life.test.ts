import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { type RawChromium, type RawTab, rawChromium } from './raw-chromium.ts';

const PAGE = '/frozen.html';
const events = (tab: RawTab) => tab.evaluate<[string, unknown][]>('page.events');
const heard = async (tab: RawTab, name: string) => (await events(tab)).filter(([event]) => event === name);

let site: DemoSite;
let browser: RawChromium;
beforeAll(async () => {
  site = await startDemo('bench');
});
afterAll(() => site?.close());
beforeEach(async () => {
  browser = await rawChromium();
});
afterEach(() => browser?.close());

const open = () => browser.open(`${site.url}${PAGE}`);

test('a page that is prerendered enqueues, and works from its activation on', async () => {
  const other = await open();
  const url = `${site.url}${PAGE}?prerendered`;
  await browser.show(`${site.url}${PAGE}?opener`);
  await until(
    () => other.evaluate<string[]>('page.tags()'),
    ([tag]) => tag === 'prerendered',
  );
  await other.evaluate('page.go()');
  const shown = await browser.find(url);
  await until(
    () => heard(shown, 'start'),
    (started) => started.length === 1,
  );
  const order = (await events(shown)).map(([event]) => event);
  expect(order.indexOf('activated')).toBeGreaterThanOrEqual(0);
  expect(order.indexOf('start')).toBeGreaterThan(order.indexOf('activated'));
});

/** Leaves the page for another one of the site, and comes back. */
const leave = async (tab: RawTab) => {
  await tab.evaluate(`void (location.href = '/online.html')`);
  await until(
    () => tab.evaluate<string>('location.pathname'),
    (path) => path === '/online.html',
  );
};
const comeBack = async (tab: RawTab) => {
  await tab.evaluate('void history.back()');
  await until(
    () => tab.evaluate<string>(`location.pathname + document.documentElement.dataset.ready`),
    (path) => path === PAGE,
  );
  return (await heard(tab, 'pageshow')).at(-1)?.[1];
};

describe('a page that was in the back/forward cache', () => {
  test.each([
    ['with a queue that was used', 'page.count()'],
    ['with a worker that has nothing to do', 'page.work(); page.count()'],
    ['with somebody who watches', 'page.subscribe()'],
  ])('%s: it is kept there, holds up no other tab, and goes on', async (_, begin) => {
    const [tab, other] = [await open(), await open()];
    await tab.evaluate(begin);
    await leave(tab);
    expect(await other.evaluate(`page.enqueue('x')`)).toBe('enqueued');
    expect(await comeBack(tab)).toBe(true);
    await tab.evaluate('page.work()');
    await until(
      () => tab.evaluate<{ pending: number; active: number }>('page.count()'),
      ({ pending, active }) => pending + active === 0,
    );
    expect(await heard(tab, 'start')).toEqual([['start', 'x']]);
    expect(await heard(other, 'store:blocked')).toEqual([]);
  });

  test('with a job that runs: another tab takes it over or the page goes on with it, and it is done', async () => {
    const [tab, other] = [await open(), await open()];
    await tab.evaluate(`page.work(); page.enqueue('long', 3000)`);
    await until(
      () => heard(tab, 'start'),
      (started) => started.length === 1,
    );
    await leave(tab);
    await other.evaluate('page.work(); page.count()');
    const persisted = await comeBack(tab);
    await until(
      () => other.evaluate<{ pending: number; active: number }>('page.count()'),
      ({ pending, active }) => pending + active === 0,
    );
    const [here, there] = [await heard(tab, 'start'), await heard(other, 'start')];
    console.log(
      `running in the cache: restored ${persisted}, begun ${here.length} here, ${there.length} elsewhere`,
    );
    expect(await other.evaluate('page.count()')).toMatchObject({ completed: 1, dead: 0 });
  });
});
