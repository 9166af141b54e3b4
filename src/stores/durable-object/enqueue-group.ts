/** A call that waits for its transaction. */
interface Waiting<Call> {
  readonly call: Call;
  readonly accept: (answer: unknown) => void;
  readonly refuse: (error: unknown) => void;
}

/** How a group reaches the storage. */
export interface GroupStorage<Call> {
  /** Carries out all of them in one transaction, or none and throws. Answers in their order. */
  readonly commit: (calls: readonly Call[]) => readonly unknown[];
  /** Resolves when what was committed is on disk. */
  readonly onDisk: () => Promise<void>;
}

/** Calls of one transaction: it must not be held for too long. */
const MAX_CALLS = 64;

/**
 * Calls that come while the one before them is on its way to the disk share the next transaction: to read and write the queue's row, to
 * arm the alarm and to commit is then done once. Whoever comes alone waits for nothing.
 */
export class EnqueueGroup<Call> {
  readonly #storage: GroupStorage<Call>;
  #waiting: Waiting<Call>[] = [];
  #writing = false;

  constructor(storage: GroupStorage<Call>) {
    this.#storage = storage;
  }

  async add(call: Call): Promise<unknown> {
    if (this.#writing) return new Promise((accept, refuse) => this.#waiting.push({ call, accept, refuse }));
    const [answer] = this.#storage.commit([call]);
    void this.#writeOn();
    return answer;
  }

  async #writeOn(): Promise<void> {
    this.#writing = true;
    await this.#onDisk();
    while (this.#waiting.length > 0) {
      this.#commit(this.#waiting.splice(0, MAX_CALLS));
      await this.#onDisk();
    }
    this.#writing = false;
  }

  /** If it fails, the object is gone, and nothing that it answered leaves it. */
  async #onDisk(): Promise<void> {
    try {
      await this.#storage.onDisk();
    } catch {}
  }

  /** If they are refused together, each is tried by itself, so that none suffers for another. */
  #commit(group: readonly Waiting<Call>[]): void {
    try {
      const answers = this.#storage.commit(group.map(({ call }) => call));
      for (const [i, { accept }] of group.entries()) accept(answers[i]);
    } catch (error) {
      if (group.length === 1) group[0]?.refuse(error);
      else for (const waiting of group) this.#commit([waiting]);
    }
  }
}
