/** `npm run demo:edge`: the Worker under `wrangler dev`, offline, on http://localhost:8787, or on the PORT of the environment. */
import { randomUUID } from 'node:crypto';
import { commandLine } from '../../scripts/command-line.ts';
import { startEdge } from './wrangler-run.ts';

commandLine(import.meta.url, {});
const port = Number(process.env.PORT ?? 8787);
if (!Number.isInteger(port) || port < 1 || port > 65_535)
  throw new Error(`PORT is ${process.env.PORT}: expected 1 to 65535`);

const adminToken = randomUUID();
const edge = await startEdge({ port, adminToken });
const { url } = edge;

console.log(`
  Kelp's server at the edge: a Worker, and a Durable Object with the notes and a queue in it.

  Put a note     curl -X PUT ${url}/api/notes/a -H 'Content-Type: application/json' \\
                   -H 'Idempotency-Key: 1' -H 'Device: me' -H 'Fence: 1' \\
                   -d '{"text":"hold fast","revision":1,"updatedAt":0}'
  See the queue  curl ${url}/api/queue
                 Its words are counted at once; a digest of all notes follows 5 s after the last write.
  Inspector      ${url}/admin/#${adminToken}
                 Behind a token, which is new at each start.
  All notes      curl ${url}/api/notes

  Try            A note with the word flaky: three attempts, then it is among the dead.
                 A note with the word unreadable: dead at the first.
                 curl -X POST ${url}/api/queue/<id>/redrive    puts a dead job back.
                 Put a note and press Ctrl+C at once; start again: the digest comes nevertheless.
                 npm run demo -- --edge    the notes app, with this as its server.

  What it keeps is in demo/worker/.wrangler. Ctrl+C ends it.
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void edge.close());
await edge.ended;
