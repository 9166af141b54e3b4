/** What a page tells its sync worker. */
export interface ConnectionMessage {
  /**
   * Whether there is a connection, as the page knows it: the switch is in localStorage, which a worker cannot read, and
   * Chromium tells pages, but not workers, when the network comes back. Sent at once, and when it changes.
   */
  readonly open: boolean;
}

/** What became of a job in this worker. */
export interface JobNews {
  readonly kind: 'started' | 'completed' | 'retried' | 'dead';
  readonly id: string;
  readonly title: string;
  readonly attempt: number;
  readonly error?: string;
}

/** What a sync worker tells its page. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'job'; readonly news: JobNews }
  | { readonly kind: 'trouble'; readonly message: string };
