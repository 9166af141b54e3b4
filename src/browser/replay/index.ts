export { type EnqueueRequestOptions, enqueueRequest, type RequestQueue } from './enqueue-request.ts';
export { acceptedResponse, type KeepRequestOptions, keepRequest } from './keep-request.ts';
export { onRequestEnd, type RequestEnd, tellClients } from './request-ends.ts';
export {
  type PrepareContext,
  type RequestHandlerOptions,
  type RequestResult,
  requestHandler,
} from './request-handler.ts';
export { requestJob } from './request-job.ts';
export { type ReadOptions, requestOf, type StoredRequest, storeRequest } from './stored-request.ts';
