import { quote } from '../../kernel/errors.ts';
import { isPromise } from '../../kernel/step.ts';
import type { Environment } from '../../queue/environment.ts';
import type { Gate } from './gate.ts';

/** An answer that came later is good for so long before the gate is asked again. */
const FRESH_MS = 5_000;
/** Who has not answered by then is closed. */
const ANSWER_MS = 10_000;

/** A gate that answers later. */
interface Asked {
  readonly name: string;
  isOpen: boolean;
  /** Nothing is known: the answer that is under way is the first, or the first after a change. */
  isUnknown: boolean;
  /** When the last answer came, or should have. */
  at: number;
  /** Ends the wait for the answer that is under way; undefined: none is. */
  cancel: (() => void) | undefined;
}

/** What gates answer, at once or later. Nobody waits for them: what is not known is closed. */
export class GateAnswers {
  readonly #environment: Environment;
  readonly #onNews: () => void;
  readonly #onError: (error: unknown) => void;
  readonly #asked = new Map<Gate, Asked>();
  /** Those whose failure was told. */
  readonly #failing = new Set<Gate>();

  /** `onNews`: an answer that came later is another than before. */
  constructor(environment: Environment, onNews: () => void, onError: (error: unknown) => void) {
    this.#environment = environment;
    this.#onNews = onNews;
    this.#onError = onError;
  }

  /** Some gate may turn out to be open. */
  get isWaiting(): boolean {
    for (const { isUnknown } of this.#asked.values()) if (isUnknown) return true;
    return false;
  }

  /** `name`: whose gate it is, for errors. */
  isOpen(name: string, gate: Gate): boolean {
    const asked = this.#asked.get(gate);
    const isKnown =
      asked !== undefined && (asked.cancel !== undefined || this.#environment.now() - asked.at < FRESH_MS);
    return isKnown ? asked.isOpen : this.#ask(name, gate);
  }

  /** It may answer differently now. */
  changed(gate: Gate): void {
    const asked = this.#asked.get(gate);
    if (asked === undefined) return;
    asked.isOpen = false;
    asked.isUnknown = true;
    this.#ask(asked.name, gate);
  }

  close(): void {
    for (const asked of this.#asked.values()) this.#stopWaiting(asked);
    this.#asked.clear();
  }

  /** Answers what is known by now. */
  #ask(name: string, gate: Gate): boolean {
    try {
      const answer = gate.isOpen();
      if (isPromise(answer)) return this.#await(name, gate, answer);
      this.#failing.delete(gate);
      this.#forget(gate);
      return answer === true;
    } catch (error) {
      this.#forget(gate);
      this.#fail(gate, error);
      return false;
    }
  }

  /** It answers at once, so that it is asked each time: what it promised before counts no more. */
  #forget(gate: Gate): void {
    const asked = this.#asked.get(gate);
    if (asked !== undefined) this.#stopWaiting(asked);
    this.#asked.delete(gate);
  }

  /** Only the last answer that was asked for counts. Until it has come, the one before does. */
  #await(name: string, gate: Gate, answer: PromiseLike<boolean>): boolean {
    const asked = this.#asked.get(gate) ?? {
      name,
      isOpen: false,
      isUnknown: true,
      at: 0,
      cancel: undefined,
    };
    this.#asked.set(gate, asked);
    this.#stopWaiting(asked);
    const end = (isOpen: boolean, error?: unknown) => {
      if (asked.cancel !== cancel) return;
      this.#stopWaiting(asked);
      const isNews = asked.isUnknown || asked.isOpen !== isOpen;
      Object.assign(asked, { isOpen, isUnknown: false, at: this.#environment.now() });
      if (error === undefined) this.#failing.delete(gate);
      else this.#fail(gate, error);
      if (isNews) this.#onNews();
    };
    const cancel = this.#environment.setTimer(
      () => end(false, new Error(`the gate of job ${quote(name)} did not answer within ${ANSWER_MS} ms`)),
      ANSWER_MS,
    );
    asked.cancel = cancel;
    Promise.resolve(answer).then(
      (isOpen) => end(isOpen === true),
      (error: unknown) => end(false, error ?? new Error(`the gate of job ${quote(name)} rejected`)),
    );
    return asked.isOpen;
  }

  #stopWaiting(asked: Asked): void {
    asked.cancel?.();
    asked.cancel = undefined;
  }

  #fail(gate: Gate, error: unknown): void {
    if (this.#failing.has(gate)) return;
    this.#failing.add(gate);
    this.#onError(error);
  }
}
