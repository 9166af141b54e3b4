/** What time and output are to it: tests bring their own. */
export interface Console {
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Calls back again and again; answers what ends that. */
  readonly every: (ms: number, act: () => void) => () => void;
  readonly print: (line: string) => void;
}

export const systemConsole: Console = {
  now: () => performance.now(),
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
  print: (line) => console.log(line),
};

/** Nobody looks at a still screen for longer: at most 20 s are promised. */
const EVERY_MS = 15_000;

/** Says every now and then which of all steps run, and for how long they have. */
export class Progress {
  readonly #steps: readonly string[];
  readonly #console: Console;
  readonly #running = new Map<string, number>();
  #stop: (() => void) | undefined;

  /** @param steps all that there are, in the order of their numbers */
  constructor(steps: readonly string[], console = systemConsole) {
    this.#steps = steps;
    this.#console = console;
  }

  /** `step 3 of 17: types` */
  title(step: string): string {
    return `step ${this.#numberOf(step)} of ${this.#steps.length}: ${step}`;
  }

  /** Runs a step; the lines go on while any runs. */
  async during<T>(step: string, run: () => Promise<T>): Promise<T> {
    this.#running.set(step, this.#console.now());
    this.#stop ??= this.#console.every(EVERY_MS, () => this.#tell());
    try {
      return await run();
    } finally {
      this.#running.delete(step);
      if (this.#running.size === 0) {
        this.#stop?.();
        this.#stop = undefined;
      }
    }
  }

  #tell(): void {
    const now = this.#console.now();
    const told = [...this.#running].map(
      ([step, since]) => `${this.title(step)}, for ${Math.round((now - since) / 1_000)} s`,
    );
    this.#console.print(`·· ${told.join('; ')}`);
  }

  #numberOf(step: string): number {
    const index = this.#steps.indexOf(step);
    if (index < 0) throw new Error(`${JSON.stringify(step)} is none of the steps: ${this.#steps.join(', ')}`);
    return index + 1;
  }
}
