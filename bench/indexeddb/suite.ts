import { chromiumHelp, findChromium } from '../../scripts/chromium.ts';
import type { Measure } from '../harness/measure.ts';
import { installPeers, versionOf } from '../harness/peers.ts';
import type { Suite, SuiteOptions, SuiteResult } from '../harness/suite.ts';
import { BenchBrowser } from './bench-browser.ts';
import { measureDepth } from './depth.ts';
import { measureEnqueuing } from './enqueuing.ts';
import { measureHosted } from './hosted.ts';
import { measureLatency } from './latency.ts';
import { planOf } from './plan.ts';
import { PROMISES } from './promises.ts';
import { measureSingleLives } from './single-lives.ts';
import { measureWholeLife } from './whole-life.ts';

const PARTS = {
  'whole-life': measureWholeLife,
  enqueuing: measureEnqueuing,
  'single-lives': measureSingleLives,
  latency: measureLatency,
  depth: measureDepth,
  hosted: measureHosted,
};

const PEERS = ['@tanstack/db', '@tanstack/offline-transactions', 'dexie', 'idb', 'workbox-background-sync'];

/** What holdfast does in IndexedDB in Chromium, beside what others do. */
export const indexedDBSuite: Suite = { name: 'indexeddb', run: measure };

export async function measure(options: SuiteOptions): Promise<SuiteResult> {
  if (findChromium() === undefined)
    return { measures: [], versions: {}, missing: [`no Chromium was found.\n${chromiumHelp}`] };
  const obstacle = installPeers();
  const absent = PEERS.filter((name) => versionOf(name) === undefined);
  if (absent.length > 0)
    return {
      measures: [],
      versions: {},
      missing: [`not installed: ${absent.join(', ')}. ${obstacle ?? ''}`],
    };
  const plan = planOf(options);
  const measures: Measure[] = [];
  const missing: string[] = [];
  const browser = await BenchBrowser.start();
  try {
    for (const [name, part] of Object.entries(PARTS)) {
      if (!name.includes(options.only ?? '')) continue;
      await part(browser, plan).then(
        (found) => measures.push(...found),
        (error: unknown) => missing.push(`${name}: ${error instanceof Error ? error.message : error}`),
      );
    }
  } finally {
    await browser.close();
  }
  const peers = Object.fromEntries(PEERS.map((name) => [name, versionOf(name) ?? '']));
  return {
    measures,
    versions: { chromium: browser.version, ...peers },
    missing,
    tables: { promises: PROMISES },
  };
}
