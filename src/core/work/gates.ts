import type { Gate, JobDefinition } from '../queue/definitions.ts';
import type { Environment } from '../queue/environment.ts';
import { pauseMs } from '../queue/pause.ts';
import { GateAnswers } from './gate-answers.ts';

/**
 * Which names a worker asks for. A gate may be open when its jobs are claimed and closed when the first is to begin, and so again
 * and again: such a name is then left alone until a gate says that it changed, or for a time that doubles.
 */
export class Gates {
  readonly #environment: Environment;
  readonly #onReopen: () => void;
  readonly #answers: GateAnswers;
  /** Names left alone, and what ends that. */
  readonly #shut = new Map<string, () => void>();
  /** How often a name was shut since a job of it last began. */
  readonly #times = new Map<string, number>();

  /** `onReopen`: a name may be asked for again. */
  constructor(environment: Environment, onReopen: () => void, onError: (error: unknown) => void) {
    this.#environment = environment;
    this.#onReopen = onReopen;
    this.#answers = new GateAnswers(environment, () => this.#reopen(), onError);
  }

  /** Some name may turn out to be open. */
  get isWaiting(): boolean {
    return this.#answers.isWaiting;
  }

  isOpen(name: string, definition: JobDefinition): boolean {
    return !this.#shut.has(name) && this.#answer(name, definition);
  }

  #answer(name: string, { gate }: JobDefinition): boolean {
    return gate === undefined || this.#answers.isOpen(name, gate);
  }

  /** Whether a job that is claimed may begin. */
  letThrough(name: string, definition: JobDefinition): boolean {
    const open = this.#answer(name, definition);
    if (open) this.#times.delete(name);
    else if (!this.#shut.has(name)) this.#close(name);
    return open;
  }

  #close(name: string): void {
    const times = this.#times.get(name) ?? 0;
    this.#times.set(name, times + 1);
    const reopen = () => {
      this.#shut.delete(name);
      this.#onReopen();
    };
    this.#shut.set(name, this.#environment.setTimer(reopen, pauseMs(times)));
  }

  /** A gate says that it may answer differently now. */
  changed(gate: Gate): void {
    this.#answers.changed(gate);
    this.#reopen();
  }

  #reopen(): void {
    this.#clear();
    this.#onReopen();
  }

  #clear(): void {
    for (const cancel of this.#shut.values()) cancel();
    this.#shut.clear();
  }

  close(): void {
    this.#clear();
    this.#answers.close();
  }
}
