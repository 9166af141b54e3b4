import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CDPSession, chromium, type Page } from 'playwright';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { type HarshBrowser, IS_READY, type Tab, until } from './browser.ts';

/** Chromium, which has Background Sync. Its events can be made to come without the minutes that the browser puts between two tries. */
export interface ChromiumBrowser extends HarshBrowser {
  /** The browser's own list of what it has promised to wake a service worker for is not asked: a tag need not be registered. */
  dispatchSync(origin: string, tag: string, lastChance?: boolean): Promise<void>;
}

interface Registration {
  readonly registrationId: string;
  readonly scopeURL: string;
  readonly isDeleted: boolean;
}

interface Version {
  readonly versionId: string;
  readonly runningStatus: string;
}

/** Service workers may register syncs. */
export async function openChromium(): Promise<ChromiumBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-chromium-'));
  const context = await chromium.launchPersistentContext(profile, chromiumLaunch());
  context.setDefaultTimeout(0); // What never comes fails by the limit of the suite, as everywhere else.
  await context.grantPermissions(['background-sync']);
  // A page of no site: it watches the service workers also when all tabs of the site are closed.
  const watch = await context.newCDPSession(context.pages()[0] ?? (await context.newPage()));
  const registrations = new Map<string, Registration>();
  const running = new Set<string>();
  watch.on('ServiceWorker.workerRegistrationUpdated', (event) => {
    for (const one of event.registrations as Registration[])
      if (one.isDeleted) registrations.delete(one.registrationId);
      else registrations.set(one.registrationId, one);
  });
  watch.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, runningStatus } of versions as Version[])
      if (runningStatus === 'running') running.add(versionId);
      else running.delete(versionId);
  });
  await watch.send('ServiceWorker.enable');

  return {
    async open(url, ready = IS_READY) {
      return asTab(await context.newPage(), url, ready);
    },
    setOffline: (offline) => context.setOffline(offline),
    async killWorkers() {
      const { size } = running;
      await watch.send('ServiceWorker.stopAllWorkers');
      await until(
        () => running.size,
        (left) => left === 0,
      );
      return size;
    },
    dispatchSync: (site, tag, lastChance = false) => dispatch(watch, registrations, site, tag, lastChance),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function asTab(page: Page, url: string, ready: string): Promise<Tab> {
  page.on('pageerror', (error) => console.error('in the page:', error));
  await page.goto(url);
  await page.waitForFunction(ready);
  return { evaluate: (expression) => page.evaluate(expression), close: () => page.close() };
}

async function dispatch(
  watch: CDPSession,
  registrations: ReadonlyMap<string, Registration>,
  origin: string,
  tag: string,
  lastChance: boolean,
): Promise<void> {
  const found = await until(
    () => [...registrations.values()].find(({ scopeURL }) => scopeURL.startsWith(origin)),
    (one) => one !== undefined,
  );
  const registrationId = found?.registrationId ?? '';
  await watch.send('ServiceWorker.dispatchSyncEvent', { origin, registrationId, tag, lastChance });
}
