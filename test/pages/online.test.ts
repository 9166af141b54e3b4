import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo } from './demo-site.ts';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo('bench');
});
afterAll(() => site?.close());

test('the online gate opens by itself in a web worker, where the browser tells of no event', async () => {
  const page = await site.openTab('/online.html');
  await page.getByText('open', { exact: true }).waitFor();
  await site.browser.setOffline(true);
  await page.getByText('closed', { exact: true }).waitFor();
  await site.browser.setOffline(false);
  await page.getByText('open', { exact: true }).waitFor();
  expect(await page.locator('body').textContent()).toBe('open');
});
