import type { Environment } from './environment.ts';

/** Somewhere to sleep. A wake that comes before the sleep is not lost: the next sleep ends at once. */
export class Latch {
  readonly #environment: Environment;
  #set = false;
  #end: (() => void) | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  wake(): void {
    this.#set = true;
    this.#end?.();
  }

  /** Until woken, or until the instant (epoch ms; absent: only until woken). */
  async sleep(until?: number): Promise<void> {
    if (!this.#set) {
      await new Promise<void>((resolve) => {
        this.#end = resolve;
        if (until === undefined) return;
        const cancel = this.#environment.setTimer(resolve, Math.max(0, until - this.#environment.now()));
        this.#end = () => {
          cancel();
          resolve();
        };
      });
      this.#end = undefined;
    }
    this.#set = false;
  }
}
