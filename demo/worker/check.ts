/**
 * `npm run check:edge`: everything that `wrangler deploy` does with the Worker before it needs an account; then runs it under `wrangler dev`, and
 * asks for its first page and what that links to.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../scripts/command-line.ts';
import { buildPages } from './build-pages.ts';
import { runWrangler, startEdge } from './wrangler-run.ts';

async function deploys(outdir: string): Promise<boolean> {
  await buildPages();
  const wrangler = runWrangler('deploy', '--dry-run', '--outdir', outdir);
  return await new Promise((resolve) => wrangler.once('exit', (code) => resolve(code === 0)));
}

/** Why the first page is not what it should be; undefined: it is. */
async function faultOfHome(url: string): Promise<string | undefined> {
  const home = await fetch(url);
  const text = await home.text();
  if (!home.ok || !text.includes('<h1>Kelp at the edge</h1>')) return `GET / is ${home.status}: ${text}`;
  const paths = Array.from(text.matchAll(/href="(\/[^"]*)"/g), ([, path]) => path as string);
  if (paths.length === 0) return 'the page of / links to nothing';
  for (const path of paths) {
    const { ok, status } = await fetch(url + path);
    if (!ok) return `GET ${path}, to which / links, is ${status}`;
  }
  return undefined;
}

async function answers(persistTo: string): Promise<boolean> {
  const edge = await startEdge({ port: 8787, persistTo });
  const fault = await faultOfHome(edge.url).finally(edge.close);
  console.log(fault ?? 'GET / is its page, and what that links to is there');
  return fault === undefined;
}

commandLine(import.meta.url, {});
const folder = await mkdtemp(join(tmpdir(), 'holdfast-edge-'));
const isFine = (await deploys(join(folder, 'deploy'))) && (await answers(join(folder, 'state')));
process.exitCode = isFine ? 0 : 1;
await rm(folder, { recursive: true });
