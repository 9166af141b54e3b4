import { count, createQueue, defineJobs, enqueueMany, job, throwForStatus, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import type { Orders, TabReport, Told } from './messages.ts';

/** A tab that enqueues and works until it dies: one of many over one database. */
const tab = new URLSearchParams(location.search).get('tab') ?? '';
const queue = createQueue({
  name: 'faults',
  jobs: defineJobs({ send: job<null>() }),
  store: indexedDBStore('faults'),
});

/** Jobs asked for at a time: from one alone to a batch. */
const MOST = 20;
const IDLE_MS = 200;

async function post(path: keyof TabReport | 'told', body: unknown): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return throwForStatus(await fetch(`/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

const report = <Path extends keyof TabReport>(path: Path, body: TabReport[Path]) => post(path, body);
const tell = (what: string): void => void post('told', { tab, what } satisfies Told).catch(() => undefined);

/** Some by a call each in one tick, some as a batch. Each is accepted when its own promise resolved, not before. */
async function enqueue(ids: readonly string[]): Promise<void> {
  if (ids.length % 2 === 0) {
    await enqueueMany(
      queue,
      ids.map((id) => ({ name: 'send', payload: null, id })),
    );
    await report('accepted', { ids });
    return;
  }
  await Promise.all(
    ids.map(async (id) => {
      await queue.enqueue('send', null, { id });
      await report('accepted', { ids: [id] });
    }),
  );
}

async function keepEnqueueing(): Promise<never> {
  for (let n = 0; ; n++) {
    const answer = await report('orders', { tab, most: 1 + (n % MOST) });
    const { ids, allDone }: Orders = await answer.json();
    if (ids.length > 0) await enqueue(ids);
    else await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    if (allDone) await report('counts', await count(queue));
  }
}

queue.on('worker:error', ({ error }) => tell(`worker:error ${error}`));
queue.on('job:retried', ({ error }) => tell(`job:retried ${error.message}`));
queue.on('job:dead', ({ error }) => tell(`job:dead ${error.message}`));
work(
  queue,
  {
    async send(_, { job: { id }, signal }) {
      throwForStatus(await fetch('/effect', { method: 'POST', headers: { 'idempotency-key': id }, signal }));
    },
  },
  { concurrency: 8 },
);
keepEnqueueing().catch((error: unknown) => tell(`enqueueing ended: ${error}`));
