import { InvalidOptionError, quote } from '../kernel/errors.ts';
import type { JobSpec } from '../kernel/messages.ts';
import type { JobChain, Wanted } from '../queue/around.ts';
import type { CheckedJob } from '../queue/checked-job.ts';
import { MAX_CALL_BYTES, MAX_CALL_JOBS } from '../queue/committer.ts';

/** What one handler enqueues: it commits with the completion, so it has to fit into a single call of a store. */
export class Chain implements JobChain {
  readonly specs: JobSpec[] = [];
  #bytes = 0;
  readonly #toSpec: (item: Wanted) => CheckedJob;

  constructor(toSpec: (item: Wanted) => CheckedJob) {
    this.#toSpec = toSpec;
  }

  enqueue(item: Wanted): string {
    return this.add(this.#toSpec(item));
  }

  /** Answers the id. Throws InvalidOptionError when the job would be one too many, or cannot be checked at once. */
  protected add({ spec, bytes, checking }: CheckedJob): string {
    if (checking !== undefined)
      throw new InvalidOptionError(
        `the payload schema of job ${quote(spec.name)}`,
        'asynchronous',
        'one that answers at once: context.enqueue cannot wait for it',
      );
    this.checkRoom(this.specs.length);
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

  protected checkRoom(taken: number): void {
    if (taken >= MAX_CALL_JOBS)
      throw new InvalidOptionError('context.enqueue', taken + 1, `at most ${MAX_CALL_JOBS} jobs a handler`);
  }
}
