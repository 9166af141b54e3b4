import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { createNotesServer } from './notes-server.ts';
import { buildPages } from './pages.ts';
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
  /** Where they are already, built; otherwise they are built. */
  readonly folder?: string;
  /** Called when the pages are built first, which takes a few seconds. */
  readonly building?: () => void;
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

const PORTS_TO_TRY = 20;

/** Serves the pages, built, and below /api the notes, on one address that only this machine can reach. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { file, upstream, port, root, building } = options;
  const folder = options.folder ?? (await buildPages(root, building));
  const notes = upstream === undefined ? await createNotesServer({ file }) : undefined;
  const handle = notes?.handle ?? passOnTo(upstream ?? '');
  const pages = sirv(folder, { etag: true, setHeaders: root === undefined ? appHeaders : cacheHeaders });
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/')) handle(request, response);
    else pages(request, response);
  });
  await listen(server, port);
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await notes?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Scripts and styles bear their content in their names; what does not is asked for anew each time: the service worker above all. */
function cacheHeaders(response: ServerResponse, path: string): void {
  response.setHeader(
    'Cache-Control',
    path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
}

/** For the page and, other than a tag in it, for its workers: nothing comes from elsewhere, and no text becomes a script. */
const POLICY = [
  "default-src 'none'",
  ...['script', 'style', 'connect', 'worker', 'img', 'manifest'].map((kind) => `${kind}-src 'self'`),
  ...['base-uri', 'form-action', 'frame-ancestors'].map((kind) => `${kind} 'none'`),
].join('; ');

function appHeaders(response: ServerResponse, path: string): void {
  cacheHeaders(response, path);
  response.setHeader('Content-Security-Policy', POLICY);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
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
