import { json } from './answer.ts';

export interface Guard {
  /** Set by the npm scripts for `wrangler dev`; a deployed Worker has none, so it refuses everything. */
  readonly ONLY_LOCAL?: string;
}

const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Undefined lets the request in. This demo knows no users: it serves localhost, and nobody once it is deployed. Before you deploy it
 * for real, say here who may come in.
 */
export function authorize(request: Request, { ONLY_LOCAL }: Guard): Response | undefined {
  if (ONLY_LOCAL === undefined) return refused('nobody may come in yet: see demo/worker/README.md');
  const { hostname, host } = new URL(request.url);
  if (!LOCAL_HOSTS.includes(hostname)) return refused('this server is for localhost only');
  const origin = request.headers.get('origin');
  if (origin !== null && origin !== `http://${host}`) return refused('not from another origin');
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return refused('not from another site');
  return undefined;
}

const refused = (error: string): Response => json(403, { error });
