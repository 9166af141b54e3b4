import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { removeNewer } from '../unit/newer-than-floor.ts';
import { WHOLE_LIFE } from '../unit/whole-life.ts';
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

test('an idle worker whose tab is hidden and frozen at once keeps no other tab from enqueueing', async () => {
  const [frozen, other] = [await open(), await open()];
  await other.evaluate('page.count()');
  await frozen.evaluate('page.work(); page.count()');
  await frozen.freeze(true);
  expect(await other.evaluate(`page.enqueue('x')`)).toBe('enqueued');
  expect(await heard(other, 'store:blocked')).toEqual([]);
  await frozen.freeze(false);
  await until(
    () => heard(frozen, 'start'),
    (started) => started.length === 1,
  );
});

test('a tab that is frozen in the middle of its work: calls of another tab end, in time or by an error that says why', async () => {
  const [halted, other] = [await open(), await open()];
  await other.evaluate('page.count()');
  await halted.evaluate('page.hurry()');
  const answers: string[] = [];
  for (let times = 0; times < 4; times++) {
    await halted.freeze(true);
    answers.push(await other.evaluate(`page.enqueue('x')`));
    await halted.freeze(false);
  }
  console.log(`frozen in the middle of its work: ${answers.join(', ')}`);
  for (const answer of answers) expect(['enqueued', 'StoreBlocked true']).toContain(answer);
  if (answers.includes('StoreBlocked true')) expect(await heard(other, 'store:blocked')).not.toEqual([]);
  await until(
    () => other.evaluate(`page.enqueue('y')`),
    (answer) => answer === 'enqueued',
  );
});

test('a watcher that is busy does not hide the end of a worker from another', async () => {
  const [owner, busy, other] = [await open(), await open(), await open()];
  await busy.evaluate('page.subscribe()');
  await owner.evaluate(`page.work(); page.enqueue('long', 600000)`);
  await until(
    () => heard(owner, 'start'),
    (started) => started.length === 1,
  );
  await other.evaluate('page.work(); page.count()');
  // So long that a take-over while it is busy, and one after it, are told apart on any machine.
  await busy.evaluate('page.busy(60000)');
  const begun = Date.now();
  owner.crash();
  await until(
    () => heard(other, 'start'),
    (started) => started.length === 1,
  );
  expect(Date.now() - begun).toBeLessThan(50_000);
});

test('data that is cleared while it is in use: the tab says what it held, and goes on', async () => {
  const [working, other] = [await open(), await open()];
  await working.evaluate(`page.work(); Promise.all(['a', 'b'].map((tag) => page.enqueue(tag, 1000)))`);
  await until(
    () => heard(working, 'start'),
    (started) => started.length === 2,
  );
  await other.evaluate('page.forget()');
  const lost = await until(
    () => heard(working, 'store:lost'),
    (told) => told.length === 1,
  );
  expect(lost).toMatchObject([
    ['store:lost', { queue: 'frozen', jobs: [{ name: 'wait' }, { name: 'wait' }] }],
  ]);
  expect(await working.evaluate(`page.enqueue('c')`)).toBe('enqueued');
  await until(
    () => heard(working, 'start'),
    (started) => started.length === 3,
  );
});

test('a page in which nothing is that the oldest browsers lack: a whole life comes to the same', async () => {
  const tab = await site.browser.newPage();
  await tab.addInitScript(`const __name = (named) => named; (${removeNewer})();`);
  await tab.goto(`${site.url}${PAGE}`);
  await tab.locator('html[data-ready]').waitFor({ state: 'attached' });
  expect(await tab.evaluate(() => 'withResolvers' in Promise || 'findLast' in Array.prototype)).toBe(false);
  expect(await tab.evaluate(() => window.page.live('floor'))).toEqual(WHOLE_LIFE);
  await tab.close();
});
