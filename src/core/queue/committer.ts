import { StoreError } from '../kernel/errors.ts';
import type { EnqueueAnswer, JobSpec } from '../kernel/messages.ts';
import type { LeavingCall, PageEnd } from '../kernel/unsorted.ts';

/** What a store takes in one call, with room to spare for how bytes are estimated. */
export const MAX_CALL_JOBS = 1_000;
export const MAX_CALL_BYTES = 7 * 1024 * 1024;

/** Jobs that were enqueued together: accepted or refused together. */
export interface Group extends LeavingCall {
  readonly bytes: number;
  readonly accept: (answers: readonly EnqueueAnswer[]) => void;
  readonly refuse: (error: unknown) => void;
  at?: number | undefined;
  /** It was put into the store unsorted, under this key; undefined: it could not be. */
  unsorted?: Promise<string | undefined>;
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

/** `unsorted`: the key under which they lie there already. */
type Accept = (jobs: readonly JobSpec[], unsorted?: string) => Promise<readonly EnqueueAnswer[]>;

export interface Committer {
  enqueue(jobs: readonly JobSpec[], bytes: number): Promise<readonly EnqueueAnswer[]>;
  /** Resolves when what was enqueued so far is accepted or refused. */
  settled(): Promise<void>;
}

/**
 * Enqueues of the same tick, and those that come while a commit is under way, share the next transaction (4 to 10 times
 * faster than one each in Chromium). If it is refused, each is tried by itself, so none suffers for another.
 *
 * In a page that is hidden or being left, each is put into the store as it is, and goes the usual way after that: should the page be gone by then,
 * others sort it in.
 *
 * @param untilAwake in a frozen page it waits
 * @param isRepeated `store` repeats itself what it can
 */
export function committer(
  store: Accept,
  untilAwake: () => Promise<void> | undefined,
  isRepeated: boolean,
  pageEnd?: PageEnd,
): Committer {
  let waiting: Group[] = [];
  let running: Promise<void> | undefined;
  let count = 0;
  /** All that are not in the store's hands yet, and those that are. */
  const untold = new Set<Group>();
  let told: readonly Group[] = [];

  const put = (groups: Iterable<Group>) => {
    const calls = [...groups].filter(({ unsorted }) => unsorted === undefined);
    if (pageEnd === undefined || calls.length === 0) return;
    for (const group of calls) group.at ??= pageEnd.now();
    const keys = pageEnd.put(calls).catch(() => [] as string[]);
    calls.forEach((group, i) => {
      group.unsorted = keys.then((all) => all[i]);
    });
  };
  pageEnd?.onLeave(() => {
    for (const group of told) group.at ??= pageEnd.now();
    put(untold);
  });

  const run = async () => {
    await Promise.resolve(); // The rest of this tick joins.
    while (waiting.length > 0) {
      const groups = waiting;
      waiting = [];
      for (const together of callsOf(groups)) await commit(together, false);
    }
    told = []; // Their payloads are the store's now.
    running = undefined;
  };

  /** `sent`: a try before this one failed and may have arrived all the same. */
  const commit = async (groups: readonly Group[], sent: boolean): Promise<void> => {
    const jobs = groups.flatMap((group) => group.jobs);
    const [{ unsorted }] = groups as [Group];
    const key = unsorted && (await unsorted);
    for (const group of groups) untold.delete(group);
    told = groups;
    try {
      accept(groups, await send(jobs, sent, key));
    } catch (thrown) {
      if (isUndone(thrown)) return anew(groups, sent);
      const partly: Partial<Partly> = Object(thrown);
      const refused = partly.leftOf?.(groups) ?? groups.map((group) => ({ group, error: thrown }));
      for (const { group, error } of refused) {
        const doubtful = isDoubtful(error);
        if (key !== undefined && !doubtful) await refuse(group, error, key);
        else if (groups.length === 1 || (isRepeated && doubtful)) group.refuse(error);
        else await commit([group], sent || doubtful);
      }
    }
  };

  /** The page was left or frozen in the middle of it, and nothing was done. */
  const anew = async (groups: readonly Group[], sent: boolean) => {
    for (const group of groups) untold.add(group);
    if (pageEnd?.isNow()) put(groups);
    for (const group of groups) await commit([group], sent);
  };

  /** What is refused must not be sorted in by others. */
  const refuse = async (group: Group, error: unknown, key: string) => {
    try {
      if (await pageEnd?.take(key)) group.refuse(error);
      else group.accept(group.jobs.map(({ id }) => ({ id, status: 'enqueued' })));
    } catch {
      group.refuse(lost(error));
    }
  };

  /** `again`: a failure may have come after the commit, so the store looks for the ids first. */
  const send = async (
    jobs: readonly JobSpec[],
    again: boolean,
    key?: string,
  ): Promise<readonly EnqueueAnswer[]> => {
    try {
      const asleep = untilAwake();
      if (asleep !== undefined) await asleep;
      return again ? firstAccepted(await store(known(jobs), key), jobs) : await store(jobs, key);
    } catch (error) {
      const isTry = !isUndone(error);
      if (again && isTry) throw stillDoubtful(error);
      if (!again && (isRepeated || !isTry || !isDoubtful(error))) throw error;
      return send(jobs, true, key);
    }
  };

  return {
    enqueue: (jobs, bytes) =>
      new Promise((accept, refuse) => {
        count += 1;
        const group: Group = { jobs, bytes, accept, refuse, order: count };
        waiting.push(group);
        untold.add(group);
        // The rest of this task joins.
        if (pageEnd?.isNow()) queueMicrotask(() => put(untold));
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
    const isAlone = (group.unsorted ?? groups[0]?.unsorted) !== undefined;
    if (groups.length > 0 && (isAlone || jobs > MAX_CALL_JOBS || bytes > MAX_CALL_BYTES)) {
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
  return lost(error);
}

const lost = (cause: unknown): StoreError =>
  new StoreError('the answer of the store was lost: it may be stored, repeat it with the same id', {
    retryable: true,
    cause,
  });

/** Nothing of the call was done. */
const isUndone = (error: unknown): boolean => Object(error).isUndone === true;

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
