import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider } from 'vitest/node';
import { findExecutable } from './executables.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Not among vitest's public ones, though it sends it to every provider. */
    __vitest_viewport: (size: Size) => Promise<void>;
  }
}

/** What runs a page in WebKitGTK: its driver, the browser that this starts, and a screen for it. */
export interface WebKit {
  readonly driver: string;
  readonly browser: string;
  readonly xvfbRun: string;
}

/** For scripts that wait: what hangs fails by the limit of who asked. */
const PATIENCE_MS = 900_000;

/** How often to look whether the driver answers. */
const LOOK_MS = 100;

/** All of it, or undefined. WEBKIT_DRIVER_PATH, MINIBROWSER_PATH and XVFB_RUN_PATH go before the usual places. */
export function findWebKit(): WebKit | undefined {
  const driver = findExecutable('WEBKIT_DRIVER_PATH', ['WebKitWebDriver']);
  const browser = findExecutable('MINIBROWSER_PATH', [], globSync('/usr/lib/*/webkit2gtk-4.*/MiniBrowser'));
  const xvfbRun = findExecutable('XVFB_RUN_PATH', ['xvfb-run']);
  return driver && browser && xvfbRun ? { driver, browser, xvfbRun } : undefined;
}

/** Runs vitest's pages in WebKitGTK, which Playwright cannot drive as Debian ships it. */
export function webKitProvider(webKit: WebKit) {
  return defineBrowserProvider({
    name: 'webkit-driver',
    supportedBrowser: ['webkit'],
    options: {},
    providerFactory: ({ browser }) => {
      const pages = new Pages(webKit);
      // What vitest asks for where it shows no page of its own around the tests, as in CI.
      browser?.registerCommand('__vitest_viewport', (_context, size: Size) => pages.resize(size));
      return pages;
    },
  });
}

/** One window, which goes from page to page. Started for the first. */
class Pages implements BrowserProvider {
  readonly name = 'webkit-driver';
  readonly supportsParallelism = false;
  readonly #webKit: WebKit;
  #starting: Promise<WebKitWindow> | undefined;

  constructor(webKit: WebKit) {
    this.#webKit = webKit;
  }

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  async openPage(_sessionId: string, url: string): Promise<void> {
    this.#starting ??= WebKitWindow.open(this.#webKit);
    await (await this.#starting).goTo(url);
  }

  async resize(size: Size): Promise<void> {
    await (await this.#starting)?.resize(size);
  }

  async close(): Promise<void> {
    const starting = this.#starting;
    this.#starting = undefined;
    await (await starting)?.close();
  }
}

/** A window of the browser, by the WebDriver protocol. */
export class WebKitWindow {
  readonly #driver: ChildProcess;
  readonly #address: string;
  #session = '';

  private constructor(driver: ChildProcess, address: string) {
    this.#driver = driver;
    this.#address = address;
  }

  static async open({ driver, browser, xvfbRun }: WebKit): Promise<WebKitWindow> {
    const port = await freePort();
    const child = spawn(
      xvfbRun,
      ['-a', '-s', '-screen 0 1280x800x24', driver, '--host=127.0.0.1', `--port=${port}`],
      // A group of its own, with which the screen and the browser end. WebKit's own sandbox needs more than a container gives.
      {
        stdio: 'ignore',
        detached: true,
        env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
      },
    );
    const window = new WebKitWindow(child, `http://127.0.0.1:${port}`);
    process.on('exit', () => window.#kill());
    while (!(await window.#answers())) await pause(LOOK_MS);
    const alwaysMatch = {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
    };
    const { sessionId } = (await window.#send('POST', '', { capabilities: { alwaysMatch } })) as Session;
    window.#session = `/${sessionId}`;
    await window.#send('POST', `${window.#session}/timeouts`, { script: PATIENCE_MS });
    return window;
  }

  async goTo(url: string): Promise<void> {
    await this.#send('POST', `${this.#session}/url`, { url });
  }

  /** What an expression comes to, as JSON carries it; promises are waited for. Rejects with what it throws. */
  async evaluate<T>(expression: string): Promise<T> {
    const script = `const done = arguments[0];
      (async () => ({ value: JSON.stringify(await (${expression})) ?? 'null' }))().then(done, (error) => done({ error: String(error) }));`;
    const answer = await this.#send('POST', `${this.#session}/execute/async`, { script, args: [] });
    const { value, error } = answer as { readonly value?: string; readonly error?: string };
    if (value === undefined) throw new Error(error);
    return JSON.parse(value) as T;
  }

  async resize({ width, height }: Size): Promise<void> {
    await this.#send('POST', `${this.#session}/window/rect`, { width, height });
  }

  async close(): Promise<void> {
    await this.#send('DELETE', this.#session).finally(() => this.#kill());
  }

  async #answers(): Promise<boolean> {
    if (this.#hasEnded) throw new Error(`WebKitWebDriver ended with exit code ${this.#driver.exitCode}`);
    return fetch(`${this.#address}/status`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#address}/session${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { value } = (await response.json()) as { readonly value: unknown };
    if (!response.ok) throw new Error(`WebKitWebDriver, ${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  }

  get #hasEnded(): boolean {
    return this.#driver.exitCode !== null || this.#driver.signalCode !== null;
  }

  #kill(): void {
    if (this.#driver.pid !== undefined && !this.#hasEnded) process.kill(-this.#driver.pid);
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Session {
  readonly sessionId: string;
}

/** One that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
