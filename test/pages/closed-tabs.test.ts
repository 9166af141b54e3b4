import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
  await site.browser.grantPermissions(['background-sync'], { origin: site.url });
});
afterAll(() => site?.close());

/** In the page. The types of the DOM do not know it. */
async function syncTags(): Promise<readonly string[]> {
  const { sync } = (await navigator.serviceWorker.ready) as unknown as {
    readonly sync: { getTags(): Promise<readonly string[]> };
  };
  return await sync.getTags();
}

test('what was saved offline reaches the server by Background Sync when the network is back, with no tab left', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await site.browser.setOffline(true);
  await app.write('From the lighthouse', 'Fog');
  await app.rewrite('From the lighthouse', 'Still fog');
  await app.write('Supplies');
  await until(
    () => app.count('waiting'),
    (waiting) => waiting === 3,
  );
  await until(
    () => page.evaluate(syncTags),
    (tags) => tags.length === 1,
  );
  await page.close();
  expect(await site.notes()).toEqual([]);

  await site.browser.setOffline(false);
  await until(site.notes, (notes) => notes.length === 2);
  await until(site.log, ({ keys }) => keys.length === 3);
  const { keys, requests } = await site.log();
  expect(keys.map(({ received, applied }) => `${received} ${applied}`)).toEqual(Array(3).fill('1 1'));
  const lighthouse = requests.filter(({ title }) => title === 'From the lighthouse');
  expect(lighthouse.map(({ revision }) => revision)).toEqual([1, 2]);

  const after = await site.openTab();
  await until(kelp(after).badges, (badges) => badges.join() === 'Synced,Synced');
  await after.close();
});

test('the switch of the app holds back its service worker, too', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await app.connect('Offline');
  await app.write('Not before I say so');
  await until(
    () => app.count('waiting'),
    (waiting) => waiting === 1,
  );
  const before = (await site.log()).requests.length;
  const devTools = await site.browser.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      for (const { registrationId, scopeURL } of registrations)
        if (scopeURL.startsWith(site.url)) resolve(registrationId);
    });
  });
  await devTools.send('ServiceWorker.enable');
  const sync = {
    origin: site.url,
    registrationId: await registered,
    tag: 'holdfast:sync',
    lastChance: false,
  };
  await devTools.send('ServiceWorker.dispatchSyncEvent', sync);
  await app.write('Nor this');
  expect((await site.log()).requests.length).toBe(before);
  await app.connect('Online');
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  await page.close();
});
