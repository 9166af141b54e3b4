import type { ClaimedJob } from '../../kernel/messages.ts';
import { pauseMs } from '../../queue/pause.ts';
import type { WorkerHooks, WorkerHost } from '../../queue/worker-hooks.ts';
import type { Gate } from './gate.ts';
import { GateAnswers } from './gate-answers.ts';

declare module '../../kernel/reading-messages.ts' {
  interface Waits {
    /** Of its name, here; another context's may be open. */
    gate: { readonly why: 'gate' };
  }
}

const CLOSED = { why: 'gate' } as const;

/**
 * Which names a worker asks for. A gate may be open when its jobs are claimed and closed when the first is to begin, and so again
 * and again: such a name is then left alone until a gate says that it changed, or for a time that doubles.
 */
export class Doors implements WorkerHooks {
  readonly #gates: ReadonlyMap<string, Gate>;
  readonly #host: WorkerHost;
  readonly #answers: GateAnswers;
  /** Names left alone, and what ends that. */
  readonly #shut = new Map<string, () => void>();
  /** How often a name was shut since a job of it last began. */
  readonly #times = new Map<string, number>();
  readonly #ends: (() => void)[] = [];

  constructor(gates: ReadonlyMap<string, Gate>, host: WorkerHost) {
    this.#gates = gates;
    this.#host = host;
    this.#answers = new GateAnswers(
      host.environment,
      () => this.#reopen(),
      (error) => host.fail(error),
    );
    // One that cannot be heard is looked at whenever the loop wakes.
    for (const gate of new Set(gates.values()))
      this.#guard(() => this.#ends.push(gate.subscribe(() => this.#changed(gate))));
  }

  get isWaiting(): boolean {
    return this.#answers.isWaiting;
  }

  closes(name: string): typeof CLOSED | undefined {
    return this.#shut.has(name) || !this.#isOpen(name) ? CLOSED : undefined;
  }

  #isOpen(name: string): boolean {
    const gate = this.#gates.get(name);
    return gate === undefined || this.#answers.isOpen(name, gate);
  }

  begins({ job: { name } }: ClaimedJob): boolean {
    const open = this.#isOpen(name);
    if (open) this.#times.delete(name);
    else if (!this.#shut.has(name)) this.#close(name);
    return open;
  }

  #close(name: string): void {
    const times = this.#times.get(name) ?? 0;
    this.#times.set(name, times + 1);
    const reopen = () => {
      this.#shut.delete(name);
      this.#host.wake();
    };
    this.#shut.set(name, this.#host.environment.setTimer(reopen, pauseMs(times)));
  }

  /** It says that it may answer differently now. */
  #changed(gate: Gate): void {
    this.#answers.changed(gate);
    this.#reopen();
  }

  #reopen(): void {
    this.#clear();
    this.#host.wake();
  }

  #clear(): void {
    for (const cancel of this.#shut.values()) cancel();
    this.#shut.clear();
  }

  close(): void {
    this.#clear();
    this.#answers.close();
    for (const end of this.#ends.splice(0)) this.#guard(end);
  }

  /** Gates are the user's: what they throw is told. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#host.fail(error);
    }
  }
}
