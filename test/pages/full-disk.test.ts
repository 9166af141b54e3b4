import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';

/** Several of the files that Chromium's database keeps: below that it never compacts them, and no room comes back. */
const QUOTA_BYTES = 40_000_000;
const PAYLOAD_BYTES = 65_000;
/** Far more than fit. */
const MOST = 2_000;

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo('bench');
});
afterAll(() => site?.close());

test('a full disk refuses new work and lets the rest drain', async () => {
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
  const low = await until(
    () => page.evaluate(() => window.disk.low),
    ({ length }) => length > 0,
  );
  // Its quota is not the one of this test: by `estimate` Chromium says what it would be without.
  expect(low).toMatchObject([{ queue: 'full disk' }]);
  expect(low[0]?.usage).toBeGreaterThan(QUOTA_BYTES / 2);

  const { ran, errors } = await page.evaluate(() => window.disk.drain());
  console.log(`full disk: ${filled.accepted} accepted, ${ran.length} drained, ${errors.length} errors told`);
  expect(ran).toEqual(Array.from({ length: filled.accepted }, (_, n) => n));
  expect(await page.evaluate(() => window.disk.count())).toMatchObject({
    pending: 0,
    active: 0,
    completed: filled.accepted,
  });
});
