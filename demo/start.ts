/**
 * `npm run demo [-- --edge]`: builds the notes app and serves it on http://localhost:5173, or on the PORT of the environment. `--edge`: its server
 * is the Worker of `demo/worker`.
 */
import { fileURLToPath } from 'node:url';
import { commandLine } from '../scripts/command-line.ts';
import { startSite } from './server/site.ts';
import { startEdge } from './worker/wrangler-run.ts';

const { values } = commandLine(import.meta.url, { options: { edge: { type: 'boolean', default: false } } });
const file = fileURLToPath(new URL('.data/notes.json', import.meta.url));
const port = Number(process.env.PORT ?? 5173);
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  throw new Error(`PORT is ${process.env.PORT}: expected 0 to 65535`);

const edge = values.edge ? await startEdge({ port: 8787 }) : undefined;
const building = () =>
  console.log('\n  Building the app: a few seconds, once after each change of its sources …');
const site = await startSite({ file, port, building, ...(edge ? { upstream: edge.url } : {}) });
const keeper = edge
  ? `is a Worker: ${edge.url}/api/queue shows its own queue. It keeps its notes in demo/worker/.wrangler`
  : 'keeps its notes in demo/.data/notes.json';

console.log(`
  Kelp, a notes app that keeps writing when there is no network.

  Open   ${site.url}/

  Try    Write a note: it is on the server a moment later.
         Install it. Or end this server and load the page: it opens without one.
         Cut the network, write more, close all tabs, and give it back: the notes arrive with no tab left.
         Let the server fail or be away, and do nothing: all is sent soon after it is back.
         Make the server slow, and kill the worker in the middle of a job.
         Let the server refuse a note, then retry it or discard it.
         Open a second tab: both show the same.

  The server ${keeper}. Ctrl+C ends it.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(
    signal,
    () => void Promise.allSettled([site.close(), edge?.close()]).then(() => process.exit(0)),
  );
}
