import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildPages } from './build-pages.ts';

const PORTS_TO_TRY = 20;
const START_MS = 60_000;
/** Wrangler asks nothing, tells nobody and fetches nothing. */
export const OFFLINE = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
} as const;

export interface EdgeOptions {
  /** The first port to try, then the next ones. */
  readonly port: number;
  /** Where the object's storage is kept; `demo/worker/.wrangler` when absent. */
  readonly persistTo?: string;
  /** Who brings it may steer the queue on /admin; nobody when absent. */
  readonly adminToken?: string;
}

export interface Edge {
  readonly url: string;
  /** Resolves when `wrangler dev` ended by itself. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Runs wrangler in demo/worker, offline; its output goes where this process's goes. */
export function runWrangler(...args: string[]): ChildProcess {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const cli = fileURLToPath(import.meta.resolve('wrangler/package.json')).replace(
    'package.json',
    'bin/wrangler.js',
  );
  return spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...process.env, ...OFFLINE },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Starts `wrangler dev` and waits until the Worker answers. Its storage is kept on disk. */
export async function startEdge({ port: first, persistTo, adminToken }: EdgeOptions): Promise<Edge> {
  await buildPages();
  const port = await freePort(first);
  const wrangler = runWrangler(
    'dev',
    ...['--port', String(port), '--ip', 'localhost', '--var', 'ONLY_LOCAL:1', '--log-level', 'warn'],
    ...(adminToken === undefined ? [] : ['--var', `ADMIN_TOKEN:${adminToken}`]),
    ...(persistTo === undefined ? [] : ['--persist-to', persistTo]),
  );
  const ended = new Promise<void>((resolve) => wrangler.once('exit', () => resolve()));
  const url = `http://localhost:${port}`;
  const close = async (): Promise<void> => {
    // Asked, not killed: it takes workerd down with it.
    wrangler.kill('SIGTERM');
    await ended;
  };
  try {
    await answering(`${url}/api/log`, ended);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, ended, close };
}

async function answering(url: string, ended: Promise<void>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (const deadline = Date.now() + START_MS; Date.now() < deadline && !over; await wait(100)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
  }
  throw new Error(over ? 'wrangler dev ended before it answered' : `no answer in ${START_MS} ms from ${url}`);
}

async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + PORTS_TO_TRY; port++) if (await isFree(port)) return port;
  throw new Error(`no port is free from ${first} to ${first + PORTS_TO_TRY - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, 'localhost', () => probe.close(() => resolve(true)));
  });
}
