import type { JobSpec } from '../../kernel/messages.ts';

export interface PutBatchRequest {
  readonly id: string;
  /** Enqueued when every job of the batch has ended, once. */
  readonly whenDone?: JobSpec;
}

/** `total` = `open` + `completed` + `dead` + `cancelled`. */
export interface BatchCounts {
  readonly total: number;
  /** Jobs that have not ended: waiting or running. */
  readonly open: number;
  readonly completed: number;
  /** A dead job has ended; redriven, it is open again. */
  readonly dead: number;
  readonly cancelled: number;
  /** No more jobs are added. */
  readonly closed: boolean;
}
