import { StoreError } from '../kernel/errors.ts';
import type { EnqueueAnswer, JobSpec } from '../kernel/messages.ts';

/** What a store takes in one call, with room to spare for how bytes are estimated. */
export const MAX_CALL_JOBS = 1_000;
export const MAX_CALL_BYTES = 7 * 1024 * 1024;

/** Jobs that were enqueued together: accepted or refused together. */
export interface Group {
  readonly jobs: readonly JobSpec[];
  readonly bytes: number;
  readonly accept: (answers: readonly EnqueueAnswer[]) => void;
  readonly refuse: (error: unknown) => void;
}

/** A group, or what is left of it, that was refused. */
export interface Left {
  readonly group: Group;
  readonly error: unknown;
}

/** What a call throws that went to several places. Who gets no more than the error repeats the same call: each job goes where it went before. */
export interface Partly {
  /** Accepts what was stored. Returns of each group what was not, and why: only that may be sent again, as it may go elsewhere than before. */
  leftOf(groups: readonly Group[]): readonly Left[];
}

type Accept = (jobs: readonly JobSpec[]) => Promise<readonly EnqueueAnswer[]>;

export interface Committer {
  enqueue(jobs: readonly JobSpec[], bytes: number): Promise<readonly EnqueueAnswer[]>;
  /** Resolves when what was enqueued so far is accepted or refused. */
  settled(): Promise<void>;
}

/**
 * Enqueues of the same tick, and those that come while a commit is under way, share the next transaction (4 to 10 times
 * faster than one each in Chromium). If it is refused, each is tried by itself, so none suffers for another.
 *
 * @param untilAwake in a frozen page it waits
 * @param isRepeated `store` repeats itself what it can
 */
export function committer(
  store: Accept,
  untilAwake: () => Promise<void> | undefined,
  isRepeated: boolean,
): Committer {
  let waiting: Group[] = [];
  let running: Promise<void> | undefined;

  const run = async () => {
    await Promise.resolve(); // The rest of this tick joins.
    while (waiting.length > 0) {
      const groups = waiting;
      waiting = [];
      for (const together of callsOf(groups)) await commit(together, false);
    }
    running = undefined;
  };

  /** `sent`: a try before this one failed and may have arrived all the same. */
  const commit = async (groups: readonly Group[], sent: boolean) => {
    const jobs = groups.flatMap((group) => group.jobs);
    try {
      accept(groups, await send(jobs, sent));
    } catch (thrown) {
      const partly: Partial<Partly> = Object(thrown);
      const refused = partly.leftOf?.(groups) ?? groups.map((group) => ({ group, error: thrown }));
      for (const { group, error } of refused) {
        const doubtful = isDoubtful(error);
        if (groups.length === 1 || (isRepeated && doubtful)) group.refuse(error);
        else await commit([group], sent || doubtful);
      }
    }
  };

  /** `again`: a failure may have come after the commit, so the store looks for the ids first. */
  const send = async (jobs: readonly JobSpec[], again: boolean): Promise<readonly EnqueueAnswer[]> => {
    try {
      const asleep = untilAwake();
      if (asleep !== undefined) await asleep;
      return again ? firstAccepted(await store(known(jobs)), jobs) : await store(jobs);
    } catch (error) {
      if (again) throw stillDoubtful(error);
      if (isRepeated || !isDoubtful(error)) throw error;
      return send(jobs, true);
    }
  };

  return {
    enqueue: (jobs, bytes) =>
      new Promise((accept, refuse) => {
        waiting.push({ jobs, bytes, accept, refuse });
        running ??= run();
      }),
    settled: async () => {
      await running;
    },
  };
}

function accept(groups: readonly Group[], answers: readonly EnqueueAnswer[]): void {
  let from = 0;
  for (const { jobs, accept } of groups) {
    accept(answers.slice(from, from + jobs.length));
    from += jobs.length;
  }
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
