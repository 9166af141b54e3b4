import { Queue } from 'workbox-background-sync/Queue.js';
import type { Payload, PeerQueue } from './peer-queue.ts';

/**
 * workbox-background-sync, driven as its own `replayRequests` does, with the handler in the place of `fetch`. It is a service
 * worker's: here it stands in a page whose registration has no Background Sync, so registering costs it nothing. Relaxed; it
 * deletes a request before it is sent, so a tab that dies in between loses it; one replay at a time.
 */
export async function openWorkbox(name: string): Promise<PeerQueue> {
  Object.assign(globalThis, { registration: {} });
  const queue = new Queue(name, { onSync: async () => undefined });
  const push = (payload: Payload): Promise<void> =>
    queue.pushRequest({
      request: new Request('/push', { method: 'POST', body: JSON.stringify(payload) }),
    });
  return {
    enqueue: push,
    enqueueMany: async (payloads) => {
      await Promise.all(payloads.map(push));
    },
    drain: async (handler) => {
      for (let entry = await queue.shiftRequest(); entry !== undefined; entry = await queue.shiftRequest())
        await handler((await entry.request.json()) as Payload);
    },
    count: () => queue.size(),
  };
}
