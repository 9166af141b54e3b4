import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';
import { type RawChromium, type RawTab, rawChromium } from './raw-chromium.ts';

let site: DemoSite;
let browser: RawChromium;
let tab: RawTab;
beforeAll(async () => {
  site = await startDemo('bench');
  // Chromium says the kind of the network on phones only, unless it is told to.
  browser = await rawChromium('--enable-blink-features=NetInfoDownlinkMax');
  tab = await browser.open(`${site.url}/gates.html`, 'tab');
  await tab.call('Network.enable');
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Waits until the gates of the page, or of its worker, say this. */
const say = (where: 'here' | 'inWorker', said: object) =>
  until(
    () => tab.evaluate<Readonly<Record<string, boolean>>>(`gates.${where}`),
    (now) => Object.entries(said).every(([name, isOpen]) => now[name] === isOpen),
  );
const connect = (more: { readonly offline?: boolean; readonly connectionType?: string }) =>
  tab.call('Network.emulateNetworkConditions', {
    // Without a latency there is nothing to emulate, whatever its kind.
    ...{ offline: false, latency: 1, downloadThroughput: -1, uploadThroughput: -1 },
    ...more,
  });

test('gates hear of a network that is gone, and of one that costs', async () => {
  await tab.call('Emulation.setDataSaverOverride', { dataSaverEnabled: true });
  await connect({ connectionType: 'wifi' });
  await say('here', { online: true, network: false });
  await tab.call('Emulation.setDataSaverOverride', { dataSaverEnabled: false });
  await connect({ connectionType: 'ethernet' });
  await say('here', { online: true, probed: true, visible: true, network: true, battery: true });
  await connect({ connectionType: 'cellular4g' });
  await say('here', { online: true, network: false });
  await connect({ offline: true, connectionType: 'wifi' });
  await say('here', { online: false, probed: false });
  await connect({ connectionType: 'wifi' });
  await say('here', { online: true, probed: true, network: true });
});

test('in a worker they say the same, but for what only a page has: that is open', async () => {
  await connect({ connectionType: 'wifi' });
  await say('inWorker', { online: true, probed: true, visible: true, network: true, battery: true });
});

test('a page that another tab hides is not visible, and sends no probe', async () => {
  await say('here', { visible: true });
  await browser.open(`${site.url}/gates.html`, 'tab');
  await say('here', { visible: false, probed: true });
  const before = await tab.evaluate('gates.probes');
  await connect({ offline: true });
  await say('here', { online: false });
  await connect({ offline: false });
  await say('here', { online: true, probed: true });
  expect(await tab.evaluate('gates.probes')).toBe(before);
  await tab.call('Page.bringToFront');
  await say('here', { visible: true, probed: true });
  await until(
    () => tab.evaluate<number>('gates.probes'),
    (probes) => probes === Number(before) + 1,
  );
});
