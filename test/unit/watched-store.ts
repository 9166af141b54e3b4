import type { JobStore } from 'holdfast';

export type Method = keyof Omit<JobStore, 'onHint' | 'onNotice' | 'signOfLife' | 'untilAwake' | 'enqueueIn'>;

export interface Call {
  readonly method: Method;
  readonly request: never;
}

/** A store that tells what it was asked, and fails or waits when it is told to. */
export interface WatchedStore extends JobStore {
  readonly calls: readonly Call[];
  callsOf(method: Method): number;
  /** Fails the next calls of a method: before anything is done or, with `after`, when all of it is done. */
  failNext(method: Method, error: unknown, how?: { readonly times?: number; readonly after?: boolean }): void;
  /** Fails each call of a method whose request is such a one, before anything is done. */
  failWhen(method: Method, error: unknown, isSuch: (request: never) => boolean): void;
  /** Fails every call until the answered function is called. */
  failAll(error: unknown): () => void;
  /** Keeps the next call of a method waiting until the answered function is called: before it does anything or, with `after`, when all of it is done. */
  holdNext(method: Method, how?: { readonly after?: boolean }): () => void;
}

interface Failure {
  readonly error: unknown;
  readonly after: boolean;
}

interface Wait {
  readonly over: Promise<void>;
  readonly after: boolean;
}

const METHODS: readonly Method[] = [
  'enqueue',
  'exchange',
  'extend',
  'reclaim',
  'cancel',
  'redrive',
  'remove',
  'retryNow',
  'prune',
  'hold',
  'pause',
  'resume',
  'putSchedules',
  'removeSchedule',
  'listSchedules',
  'fire',
  'get',
  'list',
  'count',
  'prune',
  'room',
  'purge',
  'log',
  'stats',
  'explain',
  'close',
];

type Ask = (request: never, now: number) => Promise<unknown>;

export function watchedStore(inner: JobStore): WatchedStore {
  const calls: Call[] = [];
  const failures = new Map<Method, Failure[]>();
  const waits = new Map<Method, Wait[]>();
  const refusals: { method: Method; error: unknown; isSuch: (request: never) => boolean }[] = [];
  let down: Failure | undefined;

  const watched = (method: Method): Ask => {
    return async (request, now) => {
      calls.push({ method, request });
      const wait = waits.get(method)?.shift();
      if (wait?.after === false) await wait.over;
      const failure = down ?? failures.get(method)?.shift();
      if (failure !== undefined && !failure.after) throw failure.error;
      const refusal = refusals.find((each) => each.method === method && each.isSuch(request));
      if (refusal !== undefined) throw refusal.error;
      const answer = await (inner[method] as Ask)(request, now);
      if (wait?.after === true) await wait.over;
      if (failure !== undefined) throw failure.error;
      return answer;
    };
  };

  return {
    ...inner,
    ...(Object.fromEntries(METHODS.map((method) => [method, watched(method)])) as unknown as JobStore),
    calls,
    callsOf: (method) => calls.filter((call) => call.method === method).length,
    failNext(method, error, { times = 1, after = false } = {}) {
      const failure = { error, after };
      failures.set(method, [
        ...(failures.get(method) ?? []),
        ...Array.from({ length: times }, () => failure),
      ]);
    },
    failWhen(method, error, isSuch) {
      refusals.push({ method, error, isSuch });
    },
    failAll(error) {
      down = { error, after: false };
      return () => {
        down = undefined;
      };
    },
    holdNext(method, { after = false } = {}) {
      let letGo = () => {};
      const over = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      waits.set(method, [...(waits.get(method) ?? []), { over, after }]);
      return letGo;
    },
  };
}
