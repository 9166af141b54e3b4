import { InvalidOptionError, quote } from '../kernel/errors.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { MAX_CALL_BYTES, MAX_CALL_JOBS } from '../queue/committer.ts';
import type { CheckedJob } from '../queue/to-spec.ts';

/** What one handler enqueues: it commits with the completion, so it has to fit into a single call of a store. */
export class Chain {
  readonly specs: JobSpec[] = [];
  #bytes = 0;
  /** In the order of the calls. */
  readonly #coming: Promise<CheckedJob>[] = [];

  /** Some are still on their way: see `arrived`. */
  get isWaiting(): boolean {
    return this.#coming.length > 0;
  }

  /** Keeps the place of a job that middleware has not let through yet. Answers the id. */
  keepPlace({ id, job }: { readonly id: string; readonly job: Promise<CheckedJob> }): string {
    this.#checkRoom(this.#coming.length);
    this.#coming.push(job);
    return id;
  }

  /** Adds all that are on their way. Rejects with what refuses the first of them. */
  async arrived(): Promise<void> {
    // More may come meanwhile.
    for (let next = this.#coming[0]; next !== undefined; next = this.#coming[0]) {
      this.add(await next);
      this.#coming.shift();
    }
  }

  /** Answers the id. Throws InvalidOptionError when the job would be one too many, or cannot be checked at once. */
  add({ spec, bytes, checking }: CheckedJob): string {
    if (checking !== undefined)
      throw new InvalidOptionError(
        `the payload schema of job ${quote(spec.name)}`,
        'asynchronous',
        'one that answers at once: context.enqueue cannot wait for it',
      );
    this.#checkRoom(this.specs.length);
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

  #checkRoom(taken: number): void {
    if (taken >= MAX_CALL_JOBS)
      throw new InvalidOptionError('context.enqueue', taken + 1, `at most ${MAX_CALL_JOBS} jobs a handler`);
  }
}
