import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import type { BrowserProcess } from './browser-faults.ts';
import { DevTools } from './dev-tools.ts';
import { ProcessGroup } from './process-group.ts';

/** All tabs work alike, hidden ones too, as if each had a window of its own. */
const AWAKE = ['renderer-backgrounding', 'background-timer-throttling', 'backgrounding-occluded-windows'];

/** A Chromium on a profile, whose tabs can be crashed and which can be killed whole. */
export class ChromiumProcess implements BrowserProcess {
  readonly #group: ProcessGroup;
  readonly #devTools: DevTools;
  /** The targets of the tabs, by the names they were opened with. */
  readonly #tabs = new Map<string, string>();
  readonly #onCrash = new Map<unknown, () => void>();

  private constructor(group: ProcessGroup, to: Writable, from: Readable) {
    this.#group = group;
    this.#devTools = new DevTools(to, from, (method, params) => {
      if (method === 'Target.targetCrashed') this.#onCrash.get(params.targetId)?.();
    });
  }

  /** Rejects when it cannot be started. The signal kills it, also while it starts. */
  static async start(profile: string, signal: AbortSignal): Promise<ChromiumProcess> {
    signal.throwIfAborted();
    const { executablePath = 'chromium', args } = chromiumLaunch();
    const own = [...AWAKE, 'breakpad'].map((what) => `--disable-${what}`);
    own.push('--headless', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank');
    const child = spawn(executablePath, [...args, ...own], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const [, , , to, from] = child.stdio;
    const browser = new ChromiumProcess(new ProcessGroup(child, signal), to as Writable, from as Readable);
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
    return this.#group.killed;
  }

  async openTab(name: string, url: string): Promise<void> {
    const { targetId } = await this.#devTools.send('Target.createTarget', { url });
    this.#tabs.set(name, String(targetId));
  }

  async crashTab(name: string): Promise<void> {
    const targetId = this.#tabs.get(name);
    this.#tabs.delete(name);
    const devTools = this.#devTools;
    const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
    const crashed = new Promise<void>((resolve) => this.#onCrash.set(targetId, resolve));
    // The answer never comes: the page that should give it is gone.
    devTools.send('Page.crash', {}, String(sessionId)).catch(() => undefined);
    await Promise.race([crashed, this.#group.closed]);
    this.#onCrash.delete(targetId);
    await devTools.send('Target.closeTarget', { targetId });
  }

  kill(): Promise<void> {
    return this.#group.kill();
  }
}
