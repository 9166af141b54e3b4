import { keepRequest, requestHandler } from 'holdfast/requests';
import { backgroundSync } from 'holdfast/service-worker';
import { outbox } from './outbox-queue.ts';
import { controlAtOnce, scope } from './worker-scope.ts';

controlAtOnce();
scope.addEventListener('fetch', (event) => {
  const { request, clientId } = event;
  if (request.method !== 'POST') return;
  const isForm = request.mode === 'navigate';
  event.respondWith(keepRequest(outbox, request, { clientId, ...(isForm && { respond: page }) }));
});
backgroundSync(outbox, { request: requestHandler() });

/** What somebody sees who has sent a form. */
const page = (id: string) =>
  new Response(
    `<!doctype html><html lang="en" data-ready><title>Kept</title><p id="kept">${encodeURIComponent(id)}</p>`,
    {
      status: 202,
      headers: { 'content-type': 'text/html' },
    },
  );
