/** `down` answers 503, `refuses` answers 422. `silent` takes what comes and answers when it is in another state. */
export type ServerState = 'up' | 'silent' | 'down' | 'refuses';

export interface Received {
  readonly id: string;
  readonly text: string;
  /** How often it came. A job whose worker crashed comes again; the server knows its id, and does not apply it twice. */
  readonly times: number;
}

const STATUS = { up: 200, silent: 200, down: 503, refuses: 422 };
/** Long enough to be seen. */
const ANSWERS_AFTER_MS = 1_000;

/** The server of the playground: it stands in the page, and is as well as the reader says. */
export class Server {
  readonly #received = new Map<string, Received>();
  readonly #unanswered = new Set<(status: number | undefined) => void>();
  readonly #held = new Set<() => void>();
  #state: ServerState = 'up';
  #isOnline = true;

  get received(): readonly Received[] {
    return [...this.#received.values()];
  }

  get state(): ServerState {
    return this.#state;
  }

  set state(state: ServerState) {
    this.#state = state;
    if (state === 'silent') return;
    for (const answer of this.#held) answer();
    this.#held.clear();
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Whoever waits for an answer while the network goes gets none. */
  set isOnline(isOnline: boolean) {
    this.#isOnline = isOnline;
    if (!isOnline) for (const answer of this.#unanswered) answer(undefined);
  }

  /** Resolves with the status of the answer; with undefined when there is no network. */
  async receive({ id, text }: { readonly id: string; readonly text: string }): Promise<number | undefined> {
    if (!this.#isOnline) return undefined;
    const status = STATUS[this.#state];
    if (status === 200) this.#received.set(id, { id, text, times: (this.#received.get(id)?.times ?? 0) + 1 });
    const answered = Promise.withResolvers<number | undefined>();
    this.#unanswered.add(answered.resolve);
    if (this.#state === 'silent') this.#held.add(() => answered.resolve(status));
    else setTimeout(answered.resolve, ANSWERS_AFTER_MS, status);
    try {
      return await answered.promise;
    } finally {
      this.#unanswered.delete(answered.resolve);
    }
  }

  forget(): void {
    this.#received.clear();
  }
}
