import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createServer as createVite } from 'vite';
import { createNotesServer } from './notes-server.ts';
import { passOnTo } from './upstream.ts';

export interface SiteOptions {
  /** Where the notes are kept. */
  readonly file: string;
  /** The address of a server with the same API, used instead of one of its own. */
  readonly upstream?: string;
  /** The first port to try, then the next ones; 0 takes any free port. */
  readonly port: number;
  /** The folder of pages to serve; the notes app when absent. */
  readonly root?: string;
  /** Reload pages when their sources change. */
  readonly watch?: boolean;
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

const PORTS_TO_TRY = 20;

/** Serves the pages and, below /api, the notes, on one address that only this machine can reach. */
export async function startSite({ file, upstream, port, root, watch = false }: SiteOptions): Promise<Site> {
  const notes = upstream === undefined ? await createNotesServer({ file }) : undefined;
  const handle = notes?.handle ?? passOnTo(upstream ?? '');
  const server = createServer();
  const vite = await createVite({
    configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
    ...(root === undefined ? {} : { root }),
    logLevel: 'warn',
    clearScreen: false,
    server: {
      middlewareMode: true,
      // A page's imports reach the sources of the package, which are above its folder.
      fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] },
      ws: { server },
      ...(watch ? {} : { hmr: false, watch: null }),
    },
  });
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/api/')) handle(request, response);
    else vite.middlewares(request, response);
  });
  await listen(server, port);
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await notes?.close();
      await vite.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server, first: number): Promise<void> {
  for (let port = first; ; port++) {
    const error = await tryPort(server, port);
    if (error === undefined) return;
    if (error.code !== 'EADDRINUSE' || port - first >= PORTS_TO_TRY) throw error;
  }
}

function tryPort(server: Server, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, 'localhost', () => {
      server.off('error', resolve);
      resolve(undefined);
    });
  });
}
