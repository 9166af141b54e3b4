import {
  createQueue,
  defineJobs,
  listAll,
  type Queue,
  type QueueOptions,
  redrive,
  remove,
  watch,
} from 'holdfast';
import { enqueueRequest, keepRequest, requestHandler, requestJob } from 'holdfast/requests';
import { backgroundSync, type ServiceWorkerScope } from 'holdfast/service-worker';
import {
  BackgroundSyncPlugin,
  type EntryQueue,
  type PluginOptions,
  type StoredEntry,
  Queue as WorkboxQueue,
} from 'holdfast/workbox';

/** A store, and in tests a clock. */
type Where = Pick<QueueOptions, 'store' | 'environment'>;
type Tests = Pick<PluginOptions, 'store' | 'environment' | 'scope'>;

export const openPlugin = (freshToken: () => Promise<string>, tests: Tests = {}) =>
  new BackgroundSyncPlugin('outbox', {
    maxRetentionTime: 7 * 24 * 60,
    // The page gets a 202 with the id of the job, instead of an error.
    respond: true,
    // Tokens are not stored: this adds today's before each attempt.
    prepare: async (request) => request.headers.set('authorization', `Bearer ${await freshToken()}`),
    ...tests,
  });

export const openQueue = (notify: (text: string) => void, tests: Tests = {}) =>
  new WorkboxQueue('outbox', {
    async onSync({ queue }) {
      await queue.replayRequests();
      notify('All is sent.');
    },
    ...tests,
  });

/** What the server refused, or could not be sent in time. */
export async function showDead(outbox: EntryQueue, show: (text: string) => void) {
  for await (const { id, payload, errors } of listAll(outbox, { state: 'dead' }))
    show(`${id}: ${(payload as StoredEntry).url} ${errors.at(-1)?.message}`);
}

export const sendAgain = (outbox: EntryQueue, id: string) => redrive(outbox, id);
export const discard = (outbox: EntryQueue, id: string) => remove(outbox, id);

/** Calls `show` with what waits and what is dead, now and when it has changed. */
export function watchOutbox(outbox: EntryQueue, show: (waiting: number, dead: number) => void) {
  const watched = watch(outbox);
  const draw = () => {
    const counts = watched.getSnapshot();
    if (counts !== undefined) show(counts.pending + counts.active, counts.dead);
  };
  const stop = watched.subscribe(draw);
  draw();
  return stop;
}

export const outboxJobs = defineJobs({
  request: requestJob({ maxAgeMs: 7 * 86_400_000, maxAttempts: 20 }),
});

export const openOutbox = (where: Where) => createQueue({ name: 'outbox', jobs: outboxJobs, ...where });

type Outbox = Queue<typeof outboxJobs>;

/** In the service worker: all writes are kept, whether the network is there or not. So they keep their order. */
export function keepWrites(outbox: Outbox, token: () => string, scope: ServiceWorkerScope) {
  backgroundSync(
    outbox,
    { request: requestHandler({ prepare: (request) => request.headers.set('authorization', token()) }) },
    { scope },
  );
  return (event: { readonly request: Request; readonly clientId: string }) =>
    keepRequest(outbox, event.request, { clientId: event.clientId });
}

export const saveLastEdit = (outbox: Outbox, edit: Request) =>
  enqueueRequest(outbox, edit, { idempotencyKey: edit.url, onDuplicate: 'replace' });
