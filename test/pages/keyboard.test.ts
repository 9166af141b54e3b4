import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
});
afterAll(() => site?.close());

const focused = (page: Page): Promise<string | null> =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? null,
  );

test('notes are written, found, deleted and brought back without a pointer', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  const press = (...keys: string[]) =>
    keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());

  await press('n');
  expect(await focused(page)).toBe('Title');
  await page.keyboard.insertText('First');
  await press('Enter');
  expect(await focused(page)).toBe('Text of the note');
  await page.keyboard.insertText('its text');
  await press('Escape');
  await until(app.titles, (titles) => titles.join() === 'First');
  await press('n');
  await page.keyboard.insertText('Second');
  await press('Escape');
  await until(app.titles, (titles) => titles.join() === 'Second,First');

  await press('/');
  expect(await focused(page)).toBe('Search notes');
  await page.keyboard.insertText('its');
  expect(await app.titles()).toEqual(['First']);
  await press('Escape', 'ArrowDown', 'ArrowDown', 'Enter');
  expect(await focused(page)).toBe('Text of the note');
  expect(await page.getByLabel('Title').inputValue()).toBe('First');

  await press('Escape', 'Delete');
  await until(app.titles, (titles) => titles.join() === 'Second');
  expect(await focused(page)).toContain('Second');
  await page.getByRole('button', { name: 'Undo' }).focus();
  await press('Enter');
  await until(app.titles, (titles) => titles.includes('First'));
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  expect((await site.notes()).map(({ text }) => text).sort()).toEqual(['First\nits text', 'Second']);

  await press('o');
  await page.getByRole('radio', { name: 'Offline' }).and(page.locator(':checked')).waitFor();
  await press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await press('Escape');
  await page.close();
});
