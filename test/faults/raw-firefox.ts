import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFirefox } from '../../scripts/firefox.ts';
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

/** Runs its arguments, and kills the whole group when they end, or when whoever started it is gone and its input with it. */
const GUARDED = '("$@" </dev/null; kill -9 0) & read gone; kill -9 0';

/** A Firefox as its makers ship it, driven from outside, also where only the browser itself can look: at its processes and its network. */
export class RawFirefox {
  readonly #group: ProcessGroup;
  readonly #driver: WebDriverBidi;
  /** The browser's own window: scripts in it may do what the browser may. */
  readonly #window: string;

  private constructor(group: ProcessGroup, driver: WebDriverBidi, window: string) {
    this.#group = group;
    this.#driver = driver;
    this.#window = window;
  }

  /** Rejects when it cannot be started. The signal kills it, also while it starts. */
  static async start(profile: string, signal: AbortSignal): Promise<RawFirefox> {
    signal.throwIfAborted();
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});\n`);
    await writeFile(join(profile, 'user.js'), lines);
    const own = ['--headless', '--no-remote', '--profile', profile];
    own.push('--remote-debugging-port=0', '--remote-allow-system-access', 'about:blank');
    const child = spawn('sh', ['-c', GUARDED, 'sh', findFirefox() ?? 'firefox', ...own], {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1' },
    });
    const group = new ProcessGroup(child, signal);
    try {
      const driver = await WebDriverBidi.connect(await addressOf(child));
      const { contexts } = await driver.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
      const [window] = contexts as readonly { readonly context: string }[];
      if (window === undefined) throw new Error('Firefox shows no window');
      return new RawFirefox(group, driver, window.context);
    } catch (error) {
      await group.kill();
      throw error;
    }
  }

  get killed(): boolean {
    return this.#group.killed;
  }

  /** Resolves with the tab's context while the page still loads. */
  async openTab(url: string): Promise<string> {
    const { context } = await this.#driver.send('browsingContext.create', { type: 'tab', background: true });
    await this.#driver.send('browsingContext.navigate', { context, url, wait: 'none' });
    return String(context);
  }

  async closeTab(context: string): Promise<void> {
    await this.#driver.send('browsingContext.close', { context });
  }

  /** What an expression comes to in a tab, as JSON carries it. Rejects with what it throws. */
  async evaluate<T>(context: string, expression: string): Promise<T> {
    const answer = await this.#driver.send('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${expression})) ?? 'null')()`,
      target: { context },
      awaitPromise: true,
    });
    const { result, exceptionDetails } = answer as Evaluated;
    if (result === undefined) throw new Error(exceptionDetails?.text ?? 'nothing came back');
    return JSON.parse(result.value) as T;
  }

  /** The same with the browser's own rights. */
  evaluateInBrowser<T>(expression: string): Promise<T> {
    return this.evaluate(this.#window, expression);
  }

  /** kill -9 of the browser and all its processes. */
  kill(): Promise<void> {
    return this.#group.kill();
  }
}

interface Evaluated {
  readonly result?: { readonly value: string };
  readonly exceptionDetails?: { readonly text: string };
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
