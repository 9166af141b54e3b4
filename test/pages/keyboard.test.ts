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

test('keys of one character can be turned off, which is remembered, and leaves the others', async () => {
  const page = await site.openTab();
  const singleKeys = page.getByRole('checkbox', { name: /^Single keys work/ });
  await page.keyboard.press('?');
  await singleKeys.uncheck();
  await page.keyboard.press('Escape');
  const off = async () => {
    for (const key of ['n', 'o', 't', 'q', '/', '?']) await page.keyboard.press(key);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await focused(page)).not.toBe('Title');
    expect(await page.locator('[aria-keyshortcuts]').count()).toBe(0);
  };
  await off();
  await page.reload();
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
  await off();
  await page.getByRole('option').first().press('Enter');
  expect(await focused(page)).toBe('Text of the note');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await singleKeys.check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  expect(await focused(page)).toBe('Title');
  await page.close();
});

test('whoever discards one of two dead notes by the keyboard stands at the other', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await app.connect('Online');
  await site.behave({ mode: 'reject', failTimes: 2 });
  await app.write('Flotsam');
  await app.write('Jetsam');
  await until(
    () => app.count('dead'),
    (dead) => dead === 2,
  );
  await page.getByRole('button', { name: 'Discard Flotsam' }).press('Enter');
  await until(
    () => app.count('dead'),
    (dead) => dead === 1,
  );
  expect(await focused(page)).toBe('Retry Jetsam');
  await page.keyboard.press('Enter');
  await until(
    () => app.count('dead'),
    (dead) => dead === 0,
  );
  expect(await focused(page)).toBe('Jobs');
  await page.close();
});
