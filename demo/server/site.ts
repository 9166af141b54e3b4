import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNotesServer } from './notes-server.ts';
import { builtPages, type Pages, watchedPages } from './pages.ts';
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
  /** Serve the sources and reload pages when they change. Otherwise the pages are built once, as for a deployment. */
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
  const pages: Pages = watch ? await watchedPages(server, root) : await builtPages(root);
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/api/')) handle(request, response);
    else pages.handle(request, response);
  });
  await listen(server, port);
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await notes?.close();
      await pages.close();
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
