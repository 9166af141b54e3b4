import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawFirefox } from '../faults/raw-firefox.ts';
import { type HarshBrowser, IS_READY, until } from './browser.ts';

/** Processes in which Firefox runs service workers, and nothing else. */
const WORKER_PROCESSES = `(await ChromeUtils.requestProcInfo()).children
  .filter(({ type }) => type === 'webServiceWorker').map(({ pid }) => pid)`;

/** Firefox, which has no Background Sync. */
export async function openFirefox(): Promise<HarshBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-firefox-'));
  const ended = new AbortController();
  const firefox = await RawFirefox.start(profile, ended.signal);
  return {
    async open(url, ready = IS_READY) {
      const tab = await firefox.openTab(url);
      await until(
        () => firefox.evaluate<boolean>(tab, ready),
        (isReady) => isReady,
      );
      return {
        evaluate: (expression) => firefox.evaluate(tab, expression),
        close: () => firefox.closeTab(tab),
      };
    },
    async setOffline(offline) {
      await firefox.evaluateInBrowser(`Services.io.offline = ${offline}`);
    },
    async killWorkers() {
      const pids = await firefox.evaluateInBrowser<number[]>(WORKER_PROCESSES);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      return pids.length;
    },
    async close() {
      await firefox.kill();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
