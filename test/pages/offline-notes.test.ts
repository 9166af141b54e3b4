import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { kelp } from './kelp.ts';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo();
});
afterAll(() => site?.close());

test('notes written offline reach the server after the tab was closed: exactly those, each edit once and in order', async () => {
  const before = await site.openTab();
  const app = kelp(before);
  await app.connect('Offline');
  await app.write('Boats', 'Two of them');
  await app.write('Tides', 'Low at six');
  await app.write('Weeds', 'Dulse');
  await app.rewrite('Tides', 'Low at seven');
  await app.rewrite('Tides', 'Low at eight');
  await until(
    () => app.count('waiting'),
    (waiting) => waiting === 5,
  );
  await until(app.badges, (badges) => badges.join() === 'Saved here,Saved here,Saved here');
  await before.close();

  const after = await site.openTab();
  const again = kelp(after);
  expect(await again.titles()).toEqual(['Tides', 'Weeds', 'Boats']);
  await until(
    () => again.count('waiting'),
    (waiting) => waiting === 5,
  );
  expect(await site.notes()).toEqual([]);
  await again.connect('Online');
  await until(again.badges, (badges) => badges.every((badge) => badge === 'Synced'));

  const texts = (await site.notes()).map(({ text }) => text).sort();
  expect(texts).toEqual(['Boats\nTwo of them', 'Tides\nLow at eight', 'Weeds\nDulse']);
  const { keys, requests } = await site.log();
  expect(requests.map(({ status, effect }) => `${status} ${effect}`)).toEqual(Array(5).fill('200 true'));
  expect(keys.map(({ received, applied }) => `${received} ${applied}`)).toEqual(Array(5).fill('1 1'));
  const tides = requests.filter(({ title }) => title === 'Tides');
  expect(tides.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  expect(tides.map(({ fence }) => fence)).toEqual(tides.map(({ fence }) => fence).sort((a, b) => a - b));
  await after.close();
});

test('two tabs show the same notes, the same queue and the same switch', async () => {
  const [one, other] = await Promise.all([site.openTab(), site.openTab()]);
  const [here, there] = [kelp(one), kelp(other)];
  await here.connect('Offline');
  await until(() => other.getByRole('radio', { name: 'Offline' }).isChecked(), Boolean);
  await here.write('Seen from both sides');
  await other.getByRole('option', { name: 'Seen from both sides' }).waitFor();
  await until(
    () => there.count('waiting'),
    (waiting) => waiting === 1,
  );
  await until(
    async () => [await here.jobs(), await there.jobs()],
    ([jobs, same]) => isDeepStrictEqual(jobs, same),
  );
  await there.connect('Online');
  for (const app of [here, there])
    await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  await Promise.all([one.close(), other.close()]);
});

test('a browser that lost its network keeps everything and sends it when the network is back', async () => {
  const page = await site.openTab();
  const app = kelp(page);
  await site.browser.setOffline(true);
  await app.write('From the tunnel');
  await page.getByText('Offline. 1 change will go out when you are back.').waitFor();
  await until(app.badges, (badges) => badges.includes('Saved here'));
  await site.browser.setOffline(false);
  await until(app.badges, (badges) => badges.every((badge) => badge === 'Synced'));
  const { keys } = await site.log();
  expect(keys.at(-1)).toMatchObject({ title: 'From the tunnel', received: 1, applied: 1 });
  await page.close();
});

test('what was typed in the moment before the page went away is there when it is opened again', async () => {
  const page = await site.openTab();
  await page.getByRole('button', { name: 'New note' }).click();
  await page.getByLabel('Title').fill('Just in time');
  await page.reload();
  await page.getByRole('option', { name: 'Just in time' }).waitFor();
  await until(kelp(page).badges, (badges) => badges.every((badge) => badge === 'Synced'));
  await page.close();
});
