import type { JobRow } from '../../kernel/job-row.ts';
import { checkPositiveMs } from '../../queue/job-options.ts';

declare module '../../kernel/job.ts' {
  interface Job<Payload, Name extends string, Types extends JobTypes> {
    /** What the handler returned. There only while it is kept: then also when it is undefined. */
    readonly result?: Types['result'];
  }
}

/** What an enqueue may say of its job's result. */
export interface ResultOptions {
  /**
   * How long what the handler returned is kept with the completed job, for `result`: up to 64 KB of what a payload may hold but Blob and
   * File. A result that cannot be kept changes nothing about the job, which is done; `worker:error` says so. For as long the job's id is
   * remembered too. Default: what `results` was told of the job's name, else it is not kept. Minimum 1.
   *
   * @example
   * const { id } = await queue.enqueue('thumbnail', photo, { keepResultMs: 60_000 });
   */
  readonly keepResultMs?: number;
}

export const RESULT_OPTIONS = { keepResultMs: checkPositiveMs };

/** A job that says how long its result is kept. */
export type ResultRow = JobRow & ResultOptions;
