/** A worker of the playground, in a thread of its own as another tab would have it. It ends without a word when its page terminates it. */
import { gates, send, work } from 'holdfast';
import { when } from 'holdfast/browser';
import { openQueue } from './jobs.ts';
import type { FromWorker, ToWorker } from './link.ts';

interface Call {
  resolve(response: Response): void;
  reject(error: unknown): void;
}

const tell = (message: FromWorker) => postMessage(message);
const calls = new Map<number, Call>();
const network = { isOnline: true, changed: () => {} };
let called = 0;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'network') {
    network.isOnline = data.isOnline;
    return network.changed();
  }
  const call = calls.get(data.call);
  calls.delete(data.call);
  if (data.status === undefined) call?.reject(new TypeError('Failed to fetch'));
  else call?.resolve(new Response(null, { status: data.status }));
});

// The server stands in the page, so its network does, too. All else is as in any app.
globalThis.fetch = async (input, init) => {
  const { id, text } = await new Request(input, init).json();
  return await new Promise((resolve, reject) => {
    called += 1;
    calls.set(called, { resolve, reject });
    tell({ type: 'call', call: called, id, text });
  });
};

const online = when(
  () => network.isOnline,
  (changed) => {
    network.changed = changed;
  },
);

const queue = openQueue([gates({ 'message.send': online })]);
queue.on('job:started', ({ job }) => tell({ type: 'running', text: job.payload.text }));
for (const event of ['job:completed', 'job:retried', 'job:released', 'job:dead', 'lease:lost'] as const)
  queue.on(event, () => tell({ type: 'idle' }));

work(queue, {
  'message.send': async ({ text }, { job, signal }) => {
    const body = JSON.stringify({ id: job.id, text });
    await send('/messages', { method: 'POST', body, signal });
  },
});
