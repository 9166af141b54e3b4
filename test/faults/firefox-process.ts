import type { BrowserProcess } from './browser-faults.ts';
import { RawFirefox } from './raw-firefox.ts';

/** A Firefox on a profile, whose tabs can be crashed and which can be killed whole. */
export class FirefoxProcess implements BrowserProcess {
  readonly #firefox: RawFirefox;
  /** The contexts of the tabs, by the names they were opened with. */
  readonly #tabs = new Map<string, string>();

  private constructor(firefox: RawFirefox) {
    this.#firefox = firefox;
  }

  /** Rejects when it cannot be started. The signal kills it, also while it starts. */
  static async start(profile: string, signal: AbortSignal): Promise<FirefoxProcess> {
    return new FirefoxProcess(await RawFirefox.start(profile, signal));
  }

  get tabs(): string[] {
    return [...this.#tabs.keys()];
  }

  get killed(): boolean {
    return this.#firefox.killed;
  }

  async openTab(name: string, url: string): Promise<void> {
    this.#tabs.set(name, await this.#firefox.openTab(url));
  }

  /** The tab is found by its name, with which its address ends. */
  async crashTab(name: string): Promise<void> {
    const context = this.#tabs.get(name);
    if (context === undefined) throw new Error(`there is no tab ${name}`);
    this.#tabs.delete(name);
    const pid = await this.#firefox.evaluateInBrowser<number | null>(
      `gBrowser.tabs.map((tab) => tab.linkedBrowser)
        .find((browser) => browser.currentURI.spec.endsWith(${JSON.stringify(`=${name}`)}))
        ?.browsingContext.currentWindowGlobal?.osPid`,
    );
    if (pid !== null && pid > 0) kill9(pid);
    await this.#firefox.closeTab(context);
  }

  kill(): Promise<void> {
    return this.#firefox.kill();
  }
}

function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in this moment.
  }
}
