import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceAliases } from '../../../scripts/entries.ts';
import { until } from '../browser.ts';
import { type ChromiumBrowser, openChromium } from '../chromium-browser.ts';
import { startBuiltSite } from '../site.ts';

const folderOf = (example: string) =>
  fileURLToPath(new URL(`../../../demo/examples/${example}`, import.meta.url));

/** As their readers build them, but for the package, which is taken from its sources. */
const BUILDS: Readonly<Record<string, (dist: string) => Promise<unknown>>> = {
  'vite-plugin-pwa': (dist) =>
    build({
      root: folderOf('vite-plugin-pwa'),
      logLevel: 'warn',
      resolve: { alias: sourceAliases },
      build: { outDir: dist, emptyOutDir: true },
    }),
  'workbox-build': (dist) =>
    promisify(execFile)(process.execPath, [join(folderOf('workbox-build'), 'build.js'), dist]),
};

let browser: ChromiumBrowser;
let dist: string;
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'holdfast-examples-'));
  browser = await openChromium();
});
afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true, maxRetries: 5 });
});

test.each(Object.keys(BUILDS))(
  'the example of %s: opens offline, and what is posted then arrives when the network is back, without a tab',
  async (name) => {
    const folder = join(dist, name);
    await BUILDS[name]?.(folder);
    const site = await startBuiltSite(folder);
    try {
      const isControlled = 'navigator.serviceWorker.controller !== null';
      const first = await browser.open(site.origin, isControlled);
      await browser.setOffline(true);
      site.api.down = true;
      await first.close();
      const tab = await browser.open(site.origin, isControlled);
      await tab.evaluate(`document.querySelector('input').value = 'ahoy'`);
      await tab.evaluate(`document.querySelector('button').click()`);
      const said = await until(
        () => tab.evaluate<string>(`document.querySelector('#status').textContent`),
        (text) => text !== '',
      );
      expect(said).toMatch(/^Kept/);
      await tab.close();
      expect(site.api.arrivals).toEqual([]);

      site.api.down = false;
      await browser.setOffline(false);
      await until(
        () => site.api.arrivals.length,
        (arrived) => arrived > 0,
      );
      expect(site.api.arrivals).toHaveLength(1);
      const [{ body, type, path }] = site.api.arrivals as [(typeof site.api.arrivals)[number]];
      const form = await new Response(body, { headers: { 'content-type': type } }).formData();
      expect([path, form.get('text')]).toEqual(['/api/messages', 'ahoy']);
    } finally {
      await site.close();
    }
  },
);
