import { StoreError } from '../kernel/errors.ts';
import type { EnqueueAnswer, JobSpec } from '../kernel/messages.ts';

/** What a store takes in one call, with room to spare for how bytes are estimated. */
export const MAX_CALL_JOBS = 1_000;
export const MAX_CALL_BYTES = 7 * 1024 * 1024;

/** Jobs that were enqueued together: accepted or refused together. */
interface Group {
  readonly jobs: readonly JobSpec[];
  readonly bytes: number;
  readonly accept: (answers: readonly EnqueueAnswer[]) => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Enqueues of the same tick, and those that come while a commit is under way, share the next transaction (4 to 10 times
 * faster than one each in Chromium). If it is refused, each is tried by itself, so none suffers for another.
 */
export class Committer {
  readonly #accept: (jobs: readonly JobSpec[]) => Promise<readonly EnqueueAnswer[]>;
  readonly #untilAwake: () => Promise<void> | undefined;
  readonly #isRepeated: boolean;
  #waiting: Group[] = [];
  #running: Promise<void> | undefined;

  /** `isRepeated`: `accept` repeats itself what it can. */
  constructor(
    accept: (jobs: readonly JobSpec[]) => Promise<readonly EnqueueAnswer[]>,
    untilAwake: () => Promise<void> | undefined,
    isRepeated: boolean,
  ) {
    this.#isRepeated = isRepeated;
    this.#accept = accept;
    this.#untilAwake = untilAwake;
  }

  enqueue(jobs: readonly JobSpec[], bytes: number): Promise<readonly EnqueueAnswer[]> {
    return new Promise((accept, refuse) => {
      this.#waiting.push({ jobs, bytes, accept, refuse });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when what was enqueued so far is accepted or refused. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // The rest of this tick joins.
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const groups of callsOf(waiting)) await this.#commit(groups);
    }
    this.#running = undefined;
  }

  /** `sent`: a try before this one failed and may have arrived all the same. */
  async #commit(groups: readonly Group[], sent = false): Promise<void> {
    const jobs = groups.flatMap((group) => group.jobs);
    try {
      accept(groups, await (sent ? this.#repeat(jobs) : this.#send(jobs)));
    } catch (thrown) {
      const partly = thrown instanceof PartlyAccepted ? thrown : undefined;
      const left = partly === undefined ? groups : accept(groups, partly.answers);
      const error = partly?.reason ?? thrown;
      const doubtful = isDoubtful(error);
      if (groups.length === 1 || (this.#isRepeated && doubtful))
        for (const group of left) group.refuse(error);
      else for (const group of left) await this.#commit([group], sent || doubtful || partly !== undefined);
    }
  }

  async #send(jobs: readonly JobSpec[]): Promise<readonly EnqueueAnswer[]> {
    try {
      return await this.#call(jobs);
    } catch (error) {
      if (this.#isRepeated || !isDoubtful(error)) throw error;
      return await this.#repeat(jobs);
    }
  }

  /** In a frozen page it waits. */
  async #call(jobs: readonly JobSpec[]): Promise<readonly EnqueueAnswer[]> {
    const asleep = this.#untilAwake();
    if (asleep !== undefined) await asleep;
    return this.#accept(jobs);
  }

  /** A failure may have come after the commit, so the store looks for the ids first. */
  async #repeat(jobs: readonly JobSpec[]): Promise<readonly EnqueueAnswer[]> {
    try {
      return firstAccepted(await this.#call(known(jobs)), jobs);
    } catch (error) {
      throw stillDoubtful(error);
    }
  }
}

/** Answers those that were not accepted whole. */
function accept(groups: readonly Group[], answers: readonly (EnqueueAnswer | undefined)[]): readonly Group[] {
  let from = 0;
  return groups.filter(({ jobs, accept }) => {
    const those = answers.slice(from, from + jobs.length);
    from += jobs.length;
    if (those.includes(undefined)) return true;
    accept(those as readonly EnqueueAnswer[]);
    return false;
  });
}

/** As many together as one call may bring. */
function* callsOf(waiting: readonly Group[]): Iterable<readonly Group[]> {
  let groups: Group[] = [];
  let jobs = 0;
  let bytes = 0;
  for (const group of waiting) {
    jobs += group.jobs.length;
    bytes += group.bytes;
    if (groups.length > 0 && (jobs > MAX_CALL_JOBS || bytes > MAX_CALL_BYTES)) {
      yield groups;
      groups = [];
      jobs = group.jobs.length;
      bytes = group.bytes;
    }
    groups.push(group);
  }
  yield groups;
}

/** Its answer may have been lost after the commit. */
export const isDoubtful = (error: unknown): boolean => failure(error)?.retryable === true;

/** By code, not by class: the store's copy of the package may be another. */
function failure(error: unknown): { readonly code: unknown; readonly retryable?: unknown } | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? error : undefined;
}

/** A repeat that was not let near the rows leaves open what the first try did. The others have looked for the ids. */
export function stillDoubtful(error: unknown): unknown {
  const blind = String(failure(error)?.code).startsWith('Store');
  if (!blind || isDoubtful(error)) return error;
  return new StoreError('the answer of the store was lost: it may be stored, repeat it with the same id', {
    retryable: true,
    cause: error,
  });
}

/** So that their ids are looked for. */
export const known = (jobs: readonly JobSpec[]): readonly JobSpec[] =>
  jobs.map((spec) => ({ ...spec, known: true }));

/** An id that only this call can have brought was accepted by its first try. */
export const firstAccepted = (
  answers: readonly EnqueueAnswer[],
  jobs: readonly JobSpec[],
): readonly EnqueueAnswer[] =>
  answers.map((answer, i) => {
    const spec = jobs[i];
    const ours = !spec?.known && answer.status === 'duplicate' && answer.id === spec?.id;
    return ours ? { ...answer, status: 'enqueued' } : answer;
  });

/** Of a call that went to several places: what some of them accepted, by its index, and why another did not. */
export class PartlyAccepted {
  readonly answers: readonly (EnqueueAnswer | undefined)[];
  readonly reason: unknown;

  constructor(answers: readonly (EnqueueAnswer | undefined)[], reason: unknown) {
    this.answers = answers;
    this.reason = reason;
  }
}
