import { interleave } from '../harness/interleave.ts';
import type { Measure } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { PeerName } from './page/page.ts';
import type { Plan } from './plan.ts';

type Contender = Exclude<PeerName, 'dexie' | 'holdfast relaxed'>;

const PEERS: Readonly<
  Record<
    Exclude<Contender, 'holdfast'>,
    { readonly name: string; readonly least?: number; readonly note?: string }
  >
> = {
  idb: { name: 'idb queue by hand', least: 2, note: 'its enqueues are relaxed, the default' },
  'idb strict': { name: 'idb queue by hand, strict durability' },
  workbox: { name: 'workbox-background-sync', least: 2.5 },
  tanstack: { name: '@tanstack/offline-transactions', least: 1, note: 'it runs jobs from memory' },
  limit: { name: 'raw IndexedDB at its limit' },
};

/** Jobs enqueued one after the other, each awaited, and then worked off, in a page that was just opened: what most apps do. */
export async function measureSingleLives(browser: BenchBrowser, { runs, lives }: Plan): Promise<Measure[]> {
  const live = (peer: Contender) => () =>
    browser.withTab(async (page) => {
      const ms = await page.evaluate(([name, jobs]) => window.bench.singleLives(name, jobs, 'bench'), [
        peer,
        lives,
      ] as const);
      return lives / (ms / 1_000);
    });
  const what = `${lives} single enqueues and their lives, fresh page`;
  const contenders = {
    holdfast: live('holdfast'),
    idb: live('idb'),
    'idb strict': live('idb strict'),
    workbox: live('workbox'),
    tanstack: live('tanstack'),
    limit: live('limit'),
  };
  const found = await interleave(what, contenders, { runs, warmups: 1 });
  return Object.entries(PEERS).map(
    ([peer, { name, least, note }]): Measure => ({
      measure: what,
      unit: 'jobs/s',
      better: 'more',
      holdfast: found.holdfast,
      peer: found[peer as Contender],
      peerName: name,
      ...(note === undefined ? {} : { note }),
      ...(least === undefined ? {} : { goal: { of: 'ratio', at: 'least', value: least } }),
    }),
  );
}
