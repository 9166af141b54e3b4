import { mkdtemp, readdir, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, firefox, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Site, startSite } from '../../demo/server/site.ts';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { findFirefox, firefoxLaunch } from '../../scripts/firefox.ts';

/** Smaller files beside a database are the browser's own. */
const LARGE_BYTES = 1_000_000;

interface Browser {
  readonly open: (profile: string) => Promise<BrowserContext>;
  /** Whether the browser keeps a value of a database in this file. */
  readonly isValue: (path: string) => boolean;
}

const BROWSERS: Readonly<Record<string, Browser | undefined>> = {
  Chromium: {
    open: (profile) => chromium.launchPersistentContext(profile, chromiumLaunch()),
    isValue: (path) => path.includes('indexeddb.blob'),
  },
  Firefox:
    findFirefox() === undefined
      ? undefined
      : {
          open: (profile) => firefox.launchPersistentContext(profile, firefoxLaunch()),
          isValue: (path) => /[/\\]idb[/\\].*\.files[/\\]/.test(path),
        },
};

let folder: string;
let site: Site;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lost-files-'));
  const root = fileURLToPath(new URL('fixtures', import.meta.url));
  site = await startSite({ file: join(folder, 'notes.json'), port: 0, root });
});
afterAll(async () => {
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

for (const [name, browser] of Object.entries(BROWSERS))
  describe.skipIf(browser === undefined)(`large values whose files are gone, in ${name}`, () => {
    const { open, isValue } = browser as Browser;
    let profile: string;
    let context: BrowserContext;
    let page: Page;

    const start = async () => {
      context = await open(profile);
      page = await context.newPage();
      await page.goto(`${site.url}/lost-files.html`);
      await page.waitForSelector('html[data-ready]', { state: 'attached' });
    };
    /** As a cleaner, a virus scanner or a bad disk does, while the browser is closed. Answers how many files there were. */
    const loseFiles = async () => {
      await page.evaluate(() => window.shelf.close());
      await context.close();
      let lost = 0;
      for (const path of await readdir(profile, { recursive: true })) {
        const whole = join(profile, path);
        if (!isValue(path) || (await stat(whole)).size < LARGE_BYTES) continue;
        await unlink(whole);
        lost += 1;
      }
      await start();
      return lost;
    };

    beforeEach(async () => {
      profile = await mkdtemp(join(folder, 'profile-'));
      await start();
    });
    afterEach(() => context?.close());

    test('their jobs are dead letters that say why, and all others run', async () => {
      await page.evaluate(() => window.shelf.fill(['lost 1', 'lost 2'], ['a', 'b', 'c']));
      expect(await loseFiles()).toBe(2);
      expect(await page.evaluate(() => window.shelf.ids('pending'))).toHaveLength(5);
      const { ran, errors, dead } = await page.evaluate(() => window.shelf.drain());
      expect(ran).toEqual(['a', 'b', 'c']);
      expect(errors).toEqual([]);
      expect(dead.map(({ id }) => id)).toEqual(['lost 1', 'lost 2']);
      for (const { why } of dead) expect(why).toMatch(/the browser cannot read it \(\w+Error/);
      expect(await page.evaluate(() => window.shelf.count())).toMatchObject({
        pending: 0,
        active: 0,
        dead: 2,
        completed: 3,
      });
      expect(await page.evaluate(() => window.shelf.remove('lost 1'))).toBe('removed');
    });

    test('no lane waits for them', async () => {
      await page.evaluate(() => window.shelf.fill(['head', 'next'], ['last'], { lane: 'doc' }));
      expect(await loseFiles()).toBe(2);
      const { ran, dead } = await page.evaluate(() => window.shelf.drain());
      expect(ran).toEqual(['last']);
      expect(dead.map(({ id }) => id)).toEqual(['head', 'next']);
    });

    test('their jobs can be cancelled, cleared and purged', async () => {
      await page.evaluate(() => window.shelf.fill(['x', 'y', 'z'], ['a']));
      expect(await loseFiles()).toBe(3);
      expect(await page.evaluate(() => window.shelf.cancel('x'))).toBe('cancelled');
      expect(await page.evaluate(() => window.shelf.clear())).toBe(3);
      await page.evaluate(() => window.shelf.fill(['u', 'v'], ['b']));
      expect(await loseFiles()).toBe(2);
      expect(await page.evaluate(() => window.shelf.purge())).toMatchObject({ removed: 3 });
      expect(await page.evaluate(() => window.shelf.count())).toMatchObject({ pending: 0, cancelled: 0 });
    });
  });
