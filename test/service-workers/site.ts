import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { bundle } from '../edge/bundle.ts';
import { Api } from './api.ts';

/** A site with a page, its service worker and a server. */
export interface Site {
  readonly origin: string;
  readonly api: Api;
  close(): Promise<void>;
}

/** One whose service worker can have a new version. */
export interface BundledSite extends Site {
  deploy(serviceWorker: URL): Promise<void>;
}

/** What a site has beside its server. */
type Pages = (request: IncomingMessage, response: ServerResponse) => void;

export interface SiteOptions {
  /** The script of the page at `/`. */
  readonly page: URL;
  /** The script at `/sw.js`: one file without imports, which is a module as well as a classic script. */
  readonly serviceWorker: URL;
  /** Receives what goes to `/api/`. */
  readonly api?: Api;
}

const bundles = new Map<string, Promise<string>>();

/** Each entry once. */
function bundled(entry: URL): Promise<string> {
  const known = bundles.get(entry.href) ?? bundle(entry);
  bundles.set(entry.href, known);
  return known;
}

/** A page and its service worker, bundled. */
export async function startSite({ page, serviceWorker, api = new Api() }: SiteOptions): Promise<BundledSite> {
  const files: Record<string, readonly [type: string, text: string] | undefined> = {
    '/': ['text/html', PAGE],
    '/page.js': ['text/javascript', await bundled(page)],
    '/sw.js': ['text/javascript', await bundled(serviceWorker)],
  };
  const site = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const [type, text] = files[pathname] ?? ['text/plain', undefined];
    response
      .writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` })
      .end(text);
  }, api);
  const deploy = async (entry: URL) => {
    files['/sw.js'] = ['text/javascript', await bundled(entry)];
  };
  return { ...site, deploy };
}

/** What some tool has built into a folder. */
export const startBuiltSite = (folder: string): Promise<Site> => serve(sirv(folder), new Api());

/** On an address that only this machine can reach, and that browsers take for a secure one. */
async function serve(pages: Pages, api: Api): Promise<Site> {
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/api/')) return pages(request, response);
    // Whoever asked may be gone by now.
    api.handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    api,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>A site with a service worker</title>
    <link rel="icon" href="data:," />
    <script type="module" src="/page.js"></script>
  </head>
  <body></body>
</html>`;
