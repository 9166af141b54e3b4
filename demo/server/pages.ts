import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { build, createServer, type InlineConfig } from 'vite';

/** What a browser loads: pages, scripts and styles. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

const DEMO = fileURLToPath(new URL('..', import.meta.url));

const shared: InlineConfig = {
  configFile: join(DEMO, 'vite.config.ts'),
  logLevel: 'warn',
  clearScreen: false,
};

/** The sources in `root`, each translated when it is asked for. */
export async function watchedPages(server: Server, root = DEMO): Promise<Pages> {
  const vite = await createServer({
    ...shared,
    root,
    server: {
      middlewareMode: true,
      // A page's imports reach the sources of the package, which are above its folder.
      fs: { allow: [join(DEMO, '..')] },
      ws: { server },
    },
  });
  return { handle: vite.middlewares, close: () => vite.close() };
}

/** All pages in `root`, built into a folder that is gone afterwards. */
export async function builtPages(root = DEMO): Promise<Pages> {
  const outDir = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  const close = () => rm(outDir, { recursive: true, force: true, maxRetries: 5 });
  try {
    const input = (await readdir(root))
      .filter((file) => file.endsWith('.html'))
      .map((file) => join(root, file));
    await build({ ...shared, root, build: { outDir, emptyOutDir: true, rolldownOptions: { input } } });
  } catch (error) {
    await close();
    throw error;
  }
  return { handle: sirv(outDir), close };
}
