/** What a worker tells its page. */
export type FromWorker =
  | { readonly type: 'running'; readonly text: string }
  | { readonly type: 'idle' }
  /** It calls the server. The page answers with the same `call`. */
  | { readonly type: 'call'; readonly call: number; readonly id: string; readonly text: string };

/** What a page tells its workers. */
export type ToWorker =
  | { readonly type: 'network'; readonly isOnline: boolean }
  /** `status` is undefined when the server could not be reached. */
  | { readonly type: 'answer'; readonly call: number; readonly status: number | undefined };
