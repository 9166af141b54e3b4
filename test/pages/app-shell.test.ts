import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

const PHONE = { width: 360, height: 720 };

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
});
afterAll(() => site?.close());

/** The app is kept once its service worker is active. */
const kept = (page: Page): Promise<unknown> =>
  page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);

async function onPhone(): Promise<Page> {
  const page = await site.openTab();
  await page.setViewportSize(PHONE);
  return page;
}

const putNote = (id: string, text: string) =>
  fetch(`${site.url}/api/notes/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id, Device: 'elsewhere', Fence: '1' },
    body: JSON.stringify({ text, revision: 1, updatedAt: 1 }),
  });

test('on a phone a new device is told what to do, and takes the notes that the server has', async () => {
  await putNote('one', 'Tide table\nLow at six');
  await putNote('two', 'Shopping');
  const page = await onPhone();
  await page.getByText('No notes on this device yet. Press “New note” and write').waitFor();
  await page.getByRole('button', { name: 'Bring the 2 notes from the server' }).click();
  await until(kelp(page).titles, (titles) => titles.length === 2);
  expect(await kelp(page).badges()).toEqual(['Synced', 'Synced']);
  expect((await site.log()).requests.filter(({ method }) => method !== 'PUT')).toEqual([]);
  await page.close();
});

test('an app that was opened once opens without a network, shows its notes and saves', async () => {
  const first = await site.openTab();
  await kept(first);
  await first.close();
  await site.browser.setOffline(true);
  const page = await site.openTab();
  const app = kelp(page);
  expect(await app.titles()).toEqual(expect.arrayContaining(['Tide table', 'Shopping']));
  await app.write('From the ferry');
  await page.getByText('Offline. 1 change will go out when you are back.').waitFor();
  await page.getByRole('button', { name: 'Sync queue: Offline · 1' }).waitFor();
  await site.browser.setOffline(false);
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  await page.close();
});

test('the app can be installed, and offers it by a button', async () => {
  const page = await site.openTab();
  const devTools = await site.browser.newCDPSession(page);
  const { errors, data } = await devTools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? '{}')).toMatchObject({ name: 'Kelp', display: 'standalone', start_url: '/' });
  expect((await devTools.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  await page.getByRole('button', { name: 'Install Kelp' }).waitFor();
  await page.close();
});

test('nothing comes from elsewhere: pages and workers are under one strict policy', async () => {
  for (const path of ['/', '/service-worker.js', '/manifest.webmanifest']) {
    const { headers } = await fetch(site.url + path);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*|http|data:|blob:/);
  }
  const page = await site.openTab();
  await kelp(page).write('<img src=x onerror=alert(1)>', '<b>bold</b>');
  expect(await kelp(page).titles()).toContain('<img src=x onerror=alert(1)>');
  expect(await page.locator('#note-list :is(img, b), #job-list :is(img, b)').count()).toBe(0);
  await page.close();
});

test('at 360 pixels nothing is cut off, and whatever is pressed has 44 pixels', async () => {
  const page = await onPhone();
  const check = () =>
    page.evaluate(() => {
      const pressed = [...document.querySelectorAll<HTMLElement>('button, input, summary, [role=option]')]
        .filter((element) => element.checkVisibility())
        .map((element) => ({ element, box: (element.closest('.check') ?? element).getBoundingClientRect() }));
      const wrong = pressed.filter(
        ({ box }) => box.width < 44 || box.height < 44 || box.left < 0 || box.right > innerWidth,
      );
      const wide = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
      return [...wide, ...wrong.map(({ element }) => element.id || element.textContent)];
    });
  expect(await check(), 'the list').toEqual([]);
  await page.getByRole('option', { name: 'Tide table' }).click();
  expect(await check(), 'a note').toEqual([]);
  await page.getByRole('button', { name: /^Sync queue/ }).click();
  expect(await check(), 'the queue').toEqual([]);
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  expect(await check(), 'the shortcuts').toEqual([]);
  await page.close();
});

test('a newer version waits until the user takes it; nothing that is being written is lost, and other tabs follow', async () => {
  const [page, other] = [await site.openTab(), await site.openTab()];
  await kept(page);
  const notice = page.getByText('A newer Kelp is ready.');
  expect(await notice.isVisible()).toBe(false);
  await site.deploy();
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await notice.waitFor();
  await page.getByRole('button', { name: 'New note' }).click();
  await page.getByLabel('Title').fill('In the middle of a word');
  const reloaded = [page, other].map((each) => each.waitForEvent('load'));
  await page.getByRole('button', { name: 'Use it now' }).click();
  await Promise.all(reloaded);
  for (const each of [page, other]) {
    await each.getByRole('option', { name: 'In the middle of a word' }).waitFor();
    expect(await each.getByText('A newer Kelp is ready.').isVisible()).toBe(false);
    expect(await each.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBeNull();
  }
  await until(kelp(page).badges, (badges) => badges.every((badge) => badge === 'Synced'));
  await Promise.all([page.close(), other.close()]);
});
