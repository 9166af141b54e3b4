import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFirefox } from '../../scripts/firefox.ts';
import type { BrowserProcess } from './browser-faults.ts';
import { ProcessGroup } from './process-group.ts';
import { WebDriverBidi } from './web-driver-bidi.ts';

const PREFERENCES: Readonly<Record<string, boolean | number>> = {
  // A process for each tab, so that what kills one takes no other along.
  'dom.ipc.processCount.webIsolated': 64,
  // All tabs work alike, hidden ones too, as if each had a window of its own.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
  // However often it was killed: no page of the last time, no question whether to repair.
  'browser.sessionstore.resume_from_crash': false,
  'toolkit.startup.max_resumed_crashes': -1,
};

/** A Firefox on a profile, whose tabs can be crashed and which can be killed whole. */
export class FirefoxProcess implements BrowserProcess {
  readonly #group: ProcessGroup;
  readonly #driver: WebDriverBidi;
  /** What can see the tabs' processes: the browser's own window. */
  readonly #window: string;
  /** The contexts of the tabs, by the names they were opened with. */
  readonly #tabs = new Map<string, string>();

  private constructor(group: ProcessGroup, driver: WebDriverBidi, window: string) {
    this.#group = group;
    this.#driver = driver;
    this.#window = window;
  }

  /** Rejects when it cannot be started. The signal kills it, also while it starts. */
  static async start(profile: string, signal: AbortSignal): Promise<FirefoxProcess> {
    signal.throwIfAborted();
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});\n`);
    await writeFile(join(profile, 'user.js'), lines);
    const own = ['--headless', '--no-remote', '--profile', profile];
    own.push('--remote-debugging-port=0', '--remote-allow-system-access', 'about:blank');
    const child = spawn(findFirefox() ?? 'firefox', own, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1' },
    });
    const group = new ProcessGroup(child, signal);
    try {
      const driver = await WebDriverBidi.connect(await addressOf(child));
      const { contexts } = await driver.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
      const [window] = contexts as readonly { readonly context: string }[];
      if (window === undefined) throw new Error('Firefox shows no window');
      return new FirefoxProcess(group, driver, window.context);
    } catch (error) {
      await group.kill();
      throw error;
    }
  }

  get tabs(): string[] {
    return [...this.#tabs.keys()];
  }

  get killed(): boolean {
    return this.#group.killed;
  }

  async openTab(name: string, url: string): Promise<void> {
    const { context } = await this.#driver.send('browsingContext.create', { type: 'tab', background: true });
    await this.#driver.send('browsingContext.navigate', { context, url, wait: 'none' });
    this.#tabs.set(name, String(context));
  }

  async crashTab(name: string): Promise<void> {
    const context = this.#tabs.get(name);
    this.#tabs.delete(name);
    const pid = await this.#processOf(name);
    if (pid !== undefined) kill9(pid);
    await this.#driver.send('browsingContext.close', { context });
  }

  kill(): Promise<void> {
    return this.#group.kill();
  }

  /** The process of a tab, by the name in its address. Undefined: it has none any more. */
  async #processOf(name: string): Promise<number | undefined> {
    const expression = `gBrowser.tabs.map((tab) => tab.linkedBrowser)
      .find((browser) => browser.currentURI.spec.endsWith(${JSON.stringify(`=${name}`)}))
      ?.browsingContext.currentWindowGlobal?.osPid ?? -1`;
    const target = { context: this.#window };
    const answer = await this.#driver.send('script.evaluate', { expression, target, awaitPromise: false });
    const { value } = (answer.result ?? {}) as { readonly value?: unknown };
    return typeof value === 'number' && value > 0 ? value : undefined;
  }
}

/** Where it can be driven: it says so when it has started. Rejects when it ends before. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      const address = /listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`Firefox ended before it could be driven: ${said}`)));
  });
}

function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in this moment.
  }
}
