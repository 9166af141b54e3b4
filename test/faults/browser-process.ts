import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { DevTools } from './dev-tools.ts';

/** All tabs work alike, hidden ones too, as if each had a window of its own. */
const AWAKE = ['renderer-backgrounding', 'background-timer-throttling', 'backgrounding-occluded-windows'];

/** A Chromium on a profile, whose tabs can be crashed and which can be killed whole. */
export class BrowserProcess {
  readonly #process: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #closed: Promise<void>;
  readonly #devTools: DevTools;
  /** The targets of the tabs, by the names they were opened with. */
  readonly #tabs = new Map<string, string>();
  readonly #onCrash = new Map<unknown, () => void>();
  #killed = false;

  private constructor(child: ChildProcess, signal: AbortSignal) {
    this.#process = child;
    this.#signal = signal;
    this.#closed = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    const [, , , to, from] = child.stdio;
    this.#devTools = new DevTools(to as Writable, from as Readable, (method, params) => {
      if (method === 'Target.targetCrashed') this.#onCrash.get(params.targetId)?.();
    });
    process.once('exit', this.#killGroup);
    signal.addEventListener('abort', this.#killGroup, { once: true });
  }

  /** Rejects when it cannot be started. The signal kills it, also while it starts. */
  static async start(profile: string, signal: AbortSignal): Promise<BrowserProcess> {
    signal.throwIfAborted();
    const { executablePath = 'chromium', args } = chromiumLaunch();
    const own = [...AWAKE, 'breakpad'].map((what) => `--disable-${what}`);
    own.push('--headless', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank');
    // A process group of its own: Ctrl-C is for the run to hear, and a kill is for all of the browser's processes.
    const child = spawn(executablePath, [...args, ...own], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const browser = new BrowserProcess(child, signal);
    try {
      await browser.#devTools.send('Target.setDiscoverTargets', { discover: true });
    } catch (error) {
      await browser.kill();
      throw error;
    }
    return browser;
  }

  get tabs(): string[] {
    return [...this.#tabs.keys()];
  }

  get killed(): boolean {
    return this.#killed;
  }

  /** Rejects when the browser is killed meanwhile. */
  async openTab(name: string, url: string): Promise<void> {
    const { targetId } = await this.#devTools.send('Target.createTarget', { url });
    this.#tabs.set(name, String(targetId));
  }

  /** Resolves when the tab is gone: nothing in it got to say goodbye. Rejects when the browser is killed meanwhile. */
  async crashTab(name: string): Promise<void> {
    const targetId = this.#tabs.get(name);
    this.#tabs.delete(name);
    const devTools = this.#devTools;
    const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
    const crashed = new Promise<void>((resolve) => this.#onCrash.set(targetId, resolve));
    // The answer never comes: the page that should give it is gone.
    devTools.send('Page.crash', {}, String(sessionId)).catch(() => undefined);
    await Promise.race([crashed, this.#closed]);
    this.#onCrash.delete(targetId);
    await devTools.send('Target.closeTarget', { targetId });
  }

  /** kill -9 of the browser and all its processes. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#killGroup();
    process.off('exit', this.#killGroup);
    this.#signal.removeEventListener('abort', this.#killGroup);
    await this.#closed;
  }

  readonly #killGroup = (): void => {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended by itself in this moment.
    }
  };
}
