import type { HandlerContext } from './handler.ts';
import type { Run } from './run.ts';

/**
 * What a handler is given. Made of getters, so that a life pays only for what its handler touches; each answers a function of its own,
 * as handlers take the context apart.
 */
export class RunContext implements HandlerContext {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  get job(): HandlerContext['job'] {
    return this.#run.claimed.job;
  }

  get attempt(): number {
    return this.#run.claimed.job.attempt;
  }

  get tries(): number {
    const { job } = this.#run.claimed;
    return job.tries ?? job.attempt;
  }

  get fence(): number {
    return this.#run.claimed.fence;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get progress(): HandlerContext['progress'] {
    return (value) => this.#run.tell(value);
  }

  get checkpoint(): HandlerContext['checkpoint'] {
    return (value) => this.#run.leave(value);
  }

  get extend(): HandlerContext['extend'] {
    return () => this.#run.extend();
  }

  get release(): HandlerContext['release'] {
    return (options = {}) => this.#run.release(options);
  }

  get enqueue(): HandlerContext['enqueue'] {
    return (name, payload, options = {}) => this.#run.enqueue(name, payload, options);
  }

  get log(): HandlerContext['log'] {
    return (message) => this.#run.log(message);
  }
}
