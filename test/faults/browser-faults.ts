import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bundle } from '../edge/bundle.ts';
import { startEffectServer } from './effect-server.ts';
import { type FaultRun, killPoints } from './fault-run.ts';

const CRASH_EVERY_MS = 300;
/**
 * On a machine that is too slow for this rhythm nobody would be left to work: the next crash waits until half of the tabs are up, and
 * for so many effects after the last one (twice what one tab runs at a time).
 */
const LEAST_EFFECTS = 16;
const POLL_MS = 10;

/** A browser on a profile. What is asked of it rejects when it is killed meanwhile. */
export interface BrowserProcess {
  /** The names of the tabs that are open. */
  readonly tabs: readonly string[];
  /** Whether `kill` was called. */
  readonly killed: boolean;
  openTab(name: string, url: string): Promise<void>;
  /** Resolves when the tab is gone: nothing in it got to say goodbye. */
  crashTab(name: string): Promise<void>;
  /** kill -9 of the browser and all its processes. */
  kill(): Promise<void>;
}

/** Starts one on a profile that may have been another's before it was killed. The signal kills it, also while it starts. */
export type StartBrowser = (profile: string, signal: AbortSignal) => Promise<BrowserProcess>;

/** Tabs of one origin work a queue in one IndexedDB database. Tabs crash all the while, and the browser is killed. */
export async function breakBrowser(start: StartBrowser, run: FaultRun): Promise<void> {
  const script = await bundle(new URL('tab.ts', import.meta.url));
  const server = await startEffectServer({ ...run, script });
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-faults-'));
  try {
    const crowd = new Crowd(start, run, server.url);
    for (const doneAt of killPoints(run.plan, run.random)) {
      await crowd.live(profile, () => run.witness.done >= doneAt || run.witness.isClosed);
      if (run.witness.isClosed) break;
      run.toll.kills += 1;
    }
    await crowd.live(profile, () => run.witness.finished);
  } finally {
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The tabs of one browser after the other. */
class Crowd {
  readonly #start: StartBrowser;
  readonly #run: FaultRun;
  readonly #url: string;
  /** Of the browser that runs, or ran last. */
  #tabs: string[] = [];
  #opened = 0;

  constructor(start: StartBrowser, run: FaultRun, url: string) {
    this.#start = start;
    this.#run = run;
    this.#url = url;
  }

  /** Starts a browser, lets its tabs work and crash until it is over, and kills it. */
  async live(profile: string, isOver: () => boolean): Promise<void> {
    const { plan, witness, signal } = this.#run;
    const browser = await this.#start(profile, signal);
    try {
      for (let n = 0; n < plan.tabs; n++) this.#open(browser);
      let crashAt = performance.now() + CRASH_EVERY_MS;
      let afterEffects = witness.effects;
      for (; !isOver(); await wait(POLL_MS, undefined, { signal })) {
        const isTime = performance.now() >= crashAt && witness.effects >= afterEffects;
        if (!isTime || witness.allDone || witness.isClosed || !this.#crashOne(browser)) continue;
        crashAt = performance.now() + CRASH_EVERY_MS;
        afterEffects = witness.effects + LEAST_EFFECTS;
      }
    } finally {
      await browser.kill();
      for (const tab of this.#tabs.splice(0)) witness.vanish(tab);
    }
  }

  #open(browser: BrowserProcess): void {
    const tab = `tab-${this.#opened++}`;
    this.#tabs.push(tab);
    this.#quietly(browser, tab, browser.openTab(tab, `${this.#url}?tab=${tab}`));
  }

  /** Answers whether there is one to crash. */
  #crashOne(browser: BrowserProcess): boolean {
    const { plan, witness, random, toll } = this.#run;
    const up = browser.tabs.filter((one) => witness.isUp(one));
    const tab = random.one(up);
    if (tab === undefined || up.length < plan.tabs / 2) return false;
    const crashed = browser.crashTab(tab).then(() => {
      if (browser.killed) return;
      toll.crashes += 1;
      this.#open(browser);
    });
    this.#quietly(
      browser,
      tab,
      crashed.finally(() => witness.vanish(tab)),
    );
    return true;
  }

  /** What fails because the browser was killed is no news. */
  #quietly(browser: BrowserProcess, tab: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!browser.killed && !this.#run.signal.aborted)
        this.#run.onTold({ tab, what: `from outside: ${error}` });
    });
  }
}
