import axe from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
});
afterAll(() => site?.close());

/** What axe finds wrong in these colours, each with the first place where it is. */
async function violations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe: tester } = globalThis as unknown as { axe: typeof axe };
    const { violations: found } = await tester.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

test('the inspector of the notes demo lists what the server refused, and retries or discards it', async () => {
  const tab = await site.openTab();
  const app = kelp(tab);
  await site.behave({ mode: 'reject' });
  await app.write('First');
  await app.write('Second');
  await until(
    () => app.count('dead'),
    (dead) => dead === 2,
  );
  await site.behave({ mode: 'normal' });

  const page = await site.browser.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(`${site.url}/inspector.html`);
  const rows = page.locator('.row');
  await page.getByRole('button', { name: 'Dead letters 2', exact: true }).click();
  await rows.nth(1).waitFor();
  for (const colors of ['light', 'dark'] as const) expect(await violations(page, colors), colors).toEqual([]);

  await rows.first().getByRole('button').click();
  const job = page.getByRole('region', { name: 'Job' });
  const payload = await job.getByText(/"text": /).textContent();
  const [kept, discarded] = payload?.includes('First') ? ['First', 'Second'] : ['Second', 'First'];
  await job.getByRole('button', { name: 'Retry', exact: true }).click();
  await until(site.notes, (notes) => notes.map(({ text }) => text).join() === kept);
  await page.keyboard.press('Escape');

  await until(
    () => rows.count(),
    (count) => count === 1,
  );
  await page.getByRole('button', { name: 'Discard all', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard all', exact: true }).click();
  await until(
    () => rows.count(),
    (count) => count === 0,
  );
  await until(
    () => app.count('dead'),
    (dead) => dead === 0,
  );
  expect((await site.notes()).map(({ text }) => text)).not.toContain(discarded);
  expect(wrong).toEqual([]);
});
