import { type EnqueueRequestOptions, enqueueRequest, type RequestQueue } from './enqueue-request.ts';

export interface KeepRequestOptions<Name extends string = 'request'> extends EnqueueRequestOptions<Name> {
  /** The response for the page, where JSON is not what it expects: a form's page, say. Default: `acceptedResponse`. */
  readonly respond?: (id: string) => Response;
}

/** The header of a `202` that has the id of the job. */
const JOB_HEADER = 'holdfast-job';

/**
 * The response to a request that is stored: status 202, the job's id in the header `holdfast-job` and in the body, `{ "id": …, "state": "pending" }`.
 *
 * @example
 * event.respondWith(enqueueRequest(queue, event.request).then(({ id }) => acceptedResponse(id)));
 */
export const acceptedResponse = (id: string): Response =>
  new Response(JSON.stringify({ id, state: 'pending' }), {
    status: 202,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      [JOB_HEADER]: encodeURIComponent(id),
    },
  });

/**
 * Stores a request instead of sending it, and returns a response for the page. To be used for all writes, not only for those that failed:
 * then they keep their order.
 *
 * @example
 * addEventListener('fetch', (event) => {
 *   if (event.request.method === 'POST') event.respondWith(keepRequest(queue, event.request, { clientId: event.clientId }));
 * });
 *
 * @throws what `enqueueRequest` throws: then nothing was stored, unless it is a StoreError that is `retryable`
 */
export async function keepRequest<Name extends string = 'request'>(
  queue: RequestQueue<Name>,
  request: Request,
  { respond = acceptedResponse, ...options }: KeepRequestOptions<Name> = {},
): Promise<Response> {
  const { id } = await enqueueRequest(queue, request, options);
  return respond(id);
}
