import {
  BackgroundSyncPlugin,
  Queue,
  type QueueOptions,
  QueueStore,
  StorableRequest,
} from 'holdfast/workbox';

/** What apps do with it. The file beside it is the same over Workbox. */
export function makeApp(tell: (text: string) => void) {
  const options: QueueOptions = {
    maxRetentionTime: 24 * 60,
    forceSyncFallback: false,
    async onSync({ queue }) {
      let entry = await queue.shiftRequest();
      while (entry) {
        try {
          await fetch(entry.request.clone());
        } catch (error) {
          await queue.unshiftRequest({ ...entry, metadata: { tries: 1 } });
          throw error;
        }
        entry = await queue.shiftRequest();
      }
      tell(`${queue.name} is empty`);
    },
  };
  const outbox = new Queue('outbox', options);
  const plugin = new BackgroundSyncPlugin('plugin', { onSync: ({ queue }) => queue.replayRequests() });

  return {
    outbox,
    plugin,
    keep: async (request: Request) => {
      await outbox.pushRequest({ request, timestamp: Date.now(), metadata: { by: 'app' } });
      await outbox.registerSync();
      return (await outbox.size()) + (await outbox.getAll()).length;
    },
    last: async (): Promise<object | undefined> => (await outbox.popRequest())?.metadata,
    copy: async (request: Request): Promise<Request> => {
      const storable = await StorableRequest.fromRequest(request);
      const requestData = storable.toObject();
      await new QueueStore('outbox').pushEntry({ requestData, timestamp: Date.now() });
      return storable.clone().toRequest();
    },
    stored: async (): Promise<readonly { id: number; timestamp: number }[]> => {
      const store = new QueueStore('outbox');
      await store.deleteEntry((await store.shiftEntry())?.id ?? 0);
      return store.getAll();
    },
  };
}
