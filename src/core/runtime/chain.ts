import { InvalidOptionError, quote } from '../errors.ts';
import type { JobSpec } from '../messages.ts';
import { MAX_CALL_BYTES, MAX_CALL_JOBS } from './committer.ts';
import type { CheckedJob } from './enqueue-options.ts';

/** What one handler enqueues: it commits with the completion, so it has to fit into a single call of a store. */
export class Chain {
  readonly specs: JobSpec[] = [];
  #bytes = 0;

  /** Answers the id. Throws InvalidOptionError when the job would be one too many, or cannot be checked at once. */
  add({ spec, bytes, checking }: CheckedJob): string {
    if (checking !== undefined)
      throw new InvalidOptionError(
        `the payload schema of job ${quote(spec.name)}`,
        'asynchronous',
        'one that answers at once: context.enqueue cannot wait for it',
      );
    if (this.specs.length >= MAX_CALL_JOBS)
      throw new InvalidOptionError(
        'context.enqueue',
        this.specs.length + 1,
        `at most ${MAX_CALL_JOBS} jobs a handler`,
      );
    if (this.#bytes + bytes > MAX_CALL_BYTES)
      throw new InvalidOptionError(
        'context.enqueue',
        this.#bytes + bytes,
        `at most ${MAX_CALL_BYTES} bytes of payloads a handler`,
      );
    this.#bytes += bytes;
    this.specs.push(spec);
    return spec.id;
  }
}
