import { fileURLToPath } from 'node:url';
import { startSite } from './server/site.ts';

const file = fileURLToPath(new URL('.data/notes.json', import.meta.url));
const port = Number(process.env.PORT ?? 5173);
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  throw new Error(`PORT is ${process.env.PORT}: expected 0 to 65535`);

const site = await startSite({ file, port, watch: true });

console.log(`
  Kelp, a notes app that keeps writing when there is no network.

  Open   ${site.url}/

  Try    Write a note: it is on the server a moment later.
         Go offline, write more, close the tab. Open it again, go online.
         Let the server fail, and watch the countdown to the next try.
         Make the server slow, and kill the worker in the middle of a job.
         Let the server refuse a note, then retry it or discard it.
         Open a second tab: both show the same.

  The server keeps its notes in demo/.data/notes.json. Ctrl+C ends it.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void site.close().finally(() => process.exit(0)));
}
