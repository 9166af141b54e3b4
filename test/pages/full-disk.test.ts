import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';

/** Several of the files that Chromium's database keeps: below that it never compacts them, and no room comes back. */
const QUOTA_BYTES = 40_000_000;
const PAYLOAD_BYTES = 65_000;
/** Far more than fit. */
const MOST = 2_000;
/** Chromium closes a database a while after its last connection. */
const CLOSED_MS = 3_000;

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo('bench');
}, 240_000);
afterAll(() => site?.close());

test('a full disk refuses new work, lets the rest drain, and takes new work again', async () => {
  const page = await site.openTab('/full-disk.html');
  const session = await page.context().newCDPSession(page);
  // Before the first write of this origin: later Chromium goes on with the quota it has cached.
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.url, quotaSize: QUOTA_BYTES });
  const fill = (most: number) =>
    page.evaluate(([bytes, count]) => window.disk.fill(bytes, count), [PAYLOAD_BYTES, most] as const);

  const filled = await fill(MOST);
  expect(filled).toMatchObject({ code: 'Store', message: expect.stringContaining('the disk is full') });
  expect(filled.accepted).toBeGreaterThan(0);
  expect(await page.evaluate(() => window.disk.count())).toMatchObject({ pending: filled.accepted });

  const { ran, errors } = await page.evaluate(() => window.disk.drain());
  console.log(`full disk: ${filled.accepted} accepted, ${ran.length} drained, ${errors.length} errors told`);
  expect(ran).toEqual(Array.from({ length: filled.accepted }, (_, n) => n));
  expect(await page.evaluate(() => window.disk.count())).toMatchObject({
    pending: 0,
    active: 0,
    completed: filled.accepted,
  });

  // Room comes back when Chromium compacts its files: sometimes only after the last tab was closed and one opened anew.
  const anew = async () => {
    await page.goto('about:blank');
    await page.waitForTimeout(CLOSED_MS);
    await page.goto(`${site.url}/full-disk.html`);
    await page.locator('html[data-ready]').waitFor();
    return fill(1);
  };
  const start = Date.now();
  const again = await until(anew, ({ accepted }) => accepted === 1, 90_000);
  console.log(`full disk: takes new work ${Date.now() - start} ms later`);
  expect(again).toEqual({ accepted: 1, code: 'none', message: '' });
}, 240_000);
