import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { chromiumLaunch } from '../../scripts/chromium.ts';
import { sourceAliases } from '../../scripts/entries.ts';

const HTML = `<!doctype html><title>bench</title><script type="module" src="/page.js"></script>`;
/** Isolated pages have a clock of 5 µs instead of 100, and may measure their memory. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cache-Control': 'no-store',
};
/** Makes the browser measure memory when it is asked, instead of after its next garbage collection. */
const EAGER_MEMORY = '--enable-blink-features=ForceEagerMeasureMemory';

/** A browser on a profile on disk, and the bench's page on as many origins as asked for. */
export class BenchBrowser {
  readonly version: string;
  readonly #context: BrowserContext;
  readonly #server: Server;
  readonly #folder: string;
  #origins = 0;

  private constructor(context: BrowserContext, server: Server, folder: string) {
    this.version = context.browser()?.version() ?? 'unknown';
    this.#context = context;
    this.#server = server;
    this.#folder = folder;
  }

  /** `script`: another page than the suite's; it sets `data-ready` once it may be asked. */
  static async start(script?: string): Promise<BenchBrowser> {
    const server = await serve(script ?? (await bundlePage()));
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-indexeddb-'));
    // A run that is ended by a signal leaves nothing behind either.
    process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const launch = chromiumLaunch();
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      ...launch,
      args: [...launch.args, EAGER_MEMORY],
    });
    return new BenchBrowser(context, server, folder);
  }

  /** An origin of its own is a database engine of its own: nothing of an earlier run is left in its files. */
  freshOrigin(): string {
    this.#origins += 1;
    return `http://run-${this.#origins}.localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A tab, in front. */
  async open(origin: string): Promise<Page> {
    const page = await this.#context.newPage();
    page.on('pageerror', (error) => console.error('in the page:', error));
    await page.goto(origin);
    await page.locator('html[data-ready]').waitFor({ state: 'attached' });
    return page;
  }

  /** One tab on a fresh origin, for as long as `use` takes. */
  async withTab<T>(use: (page: Page) => Promise<T>): Promise<T> {
    const page = await this.open(this.freshOrigin());
    try {
      return await use(page);
    } finally {
      await page.close();
    }
  }

  async close(): Promise<void> {
    await this.#context.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** As an app ships it: minified, without what libraries check in development. */
export async function bundlePage(script = 'page/page.ts'): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: true,
      target: 'es2023',
      lib: { entry: fileURLToPath(new URL(script, import.meta.url)), formats: ['es'] },
    },
  });
  const chunk = [built]
    .flat()
    .flatMap((one) => ('output' in one ? one.output : []))
    .find(({ type }) => type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('the page was not built');
  return chunk.code;
}

async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { ...HEADERS, 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}
