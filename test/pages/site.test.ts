import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright';
import sirv from 'sirv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { digestOfSources } from '../../site/sources.ts';

const DIST = fileURLToPath(new URL('../../site/.vitepress/dist', import.meta.url));

/** `npm test` has made it by now, unless these tests are run alone. */
function makeSite(): void {
  const made = `${DIST}/.sources`;
  if (existsSync(made) && readFileSync(made, 'utf8') === digestOfSources()) return;
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'docs:build'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run docs:build failed: ${stderr}`);
}

let browser: Browser;
let server: Server;
let origin: string;
beforeAll(async () => {
  makeSite();
  server = createServer(sirv(DIST));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch(chromiumLaunch());
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** Fails for what goes wrong in the page. */
async function openPage(
  path: string,
  size: { width: number; height: number },
  colorScheme: 'light' | 'dark',
) {
  const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: 'reduce' });
  context.setDefaultTimeout(0); // What never comes fails by the limit of the suite, as everywhere else.
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  await page.goto(origin + path);
  return { page, wrong, close: () => context.close() };
}

/** What axe finds wrong, each with the first place where it is. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe: tester } = globalThis as unknown as { axe: typeof axe };
    // Its label is its text without the key that opens it, which axe takes for text.
    const { violations: found } = await tester.run({ exclude: ['.DocSearch-Button'] });
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

test('the playground sends jobs by a real queue, returns those of a crashed worker, and keeps them while its server is down', async () => {
  const { page, wrong, close } = await openPage('/playground.html', { width: 1280, height: 900 }, 'light');
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const setServer = (name: string) => page.getByRole('radio', { name }).check();
  const got = page.locator('.received li');

  await button('Send a message').click();
  await got.getByText('Message 1', { exact: true }).waitFor();

  await setServer('Does not answer');
  await button('Send a message').click();
  const sending = page.locator('.workers li', { hasText: 'sends “Message 2”' });
  const crashed = (await sending.getByRole('button').getAttribute('aria-label'))!;
  await button(crashed).click();
  await button(crashed).waitFor({ state: 'detached' });
  await got.getByText(/^Message 2 \(came \d+ times, applied once\)$/).waitFor();

  await setServer('Down (503)');
  await button('Send five').click();
  await page.locator('holdfast-inspector').getByText('server is not reached').waitFor();
  expect(await got.count()).toBe(2);
  await setServer('Up');
  await button('Retry now').click();
  for (const number of [3, 4, 5, 6, 7]) await got.getByText(`Message ${number}`, { exact: true }).waitFor();

  expect(wrong).toEqual([]);
  await close();
});

test('a search finds what the package exports', async () => {
  const { page, wrong, close } = await openPage('/', { width: 1280, height: 900 }, 'light');
  await page.locator('.DocSearch-Button').click();
  await page.getByRole('searchbox').fill('requestPersistence');
  await page.locator('a.result[href*="/reference/holdfast/indexeddb"]').first().waitFor();
  expect(wrong).toEqual([]);
  await close();
});

const PAGES = [
  '/',
  '/playground.html',
  '/outages.html',

  '/reference/holdfast/browser.html',
];

test.each(PAGES)('%s reads well: light on a desktop, dark on a phone', async (path) => {
  const { page, wrong, close } = await openPage(path, { width: 1280, height: 900 }, 'light');
  if (path.startsWith('/playground')) await page.locator('holdfast-inspector').waitFor();
  const onDesktop = await violations(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html.dark').waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  expect([onDesktop, await violations(page)]).toEqual([[], []]);
  expect(await page.evaluate(() => document.scrollingElement?.scrollWidth)).toBe(360);
  expect(wrong).toEqual([]);
  await close();
});
