import type { ChildProcess } from 'node:child_process';

/** A process that leads a group of its own: Ctrl-C is for the run to hear, and a kill is for all that it started. */
export class ProcessGroup {
  readonly #leader: ChildProcess;
  readonly #signal: AbortSignal;
  /** Resolves when the leader has ended, or could not be started. */
  readonly closed: Promise<void>;
  #killed = false;

  /** The signal kills the group; so does the end of this process. `leader` was spawned `detached`. */
  constructor(leader: ChildProcess, signal: AbortSignal) {
    this.#leader = leader;
    this.#signal = signal;
    this.closed = new Promise((resolve) => {
      leader.once('close', () => resolve());
      leader.once('error', () => resolve());
    });
    process.once('exit', this.#killNow);
    signal.addEventListener('abort', this.#killNow, { once: true });
  }

  /** Whether `kill` was called. */
  get killed(): boolean {
    return this.#killed;
  }

  /** kill -9 of the leader and all that it started. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#killNow();
    process.off('exit', this.#killNow);
    this.#signal.removeEventListener('abort', this.#killNow);
    await this.closed;
  }

  readonly #killNow = (): void => {
    const { pid, exitCode, signalCode } = this.#leader;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended by itself in this moment.
    }
  };
}
