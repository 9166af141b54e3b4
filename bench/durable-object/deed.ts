/** What a handler does with a job: nothing, one RPC to another object, a wait of `ms`, or telling the benchmark that it ran. */
export interface Work {
  readonly n: number;
  readonly act: 'nothing' | 'rpc' | 'wait' | 'tell';
  readonly ms?: number;
  readonly text: string;
}

/** What the benchmark asks of an object, or of the Worker in front of it (`singles` and `batches`). */
export type Deed =
  /** Enqueues inside the object, in batches of 1,000, with the cheapest means it has. */
  | { readonly do: 'fill'; readonly jobs: Jobs }
  /** One RPC a job, so many at a time. */
  | { readonly do: 'singles'; readonly jobs: Jobs; readonly concurrency: number }
  /** One RPC a batch, so many at a time. */
  | { readonly do: 'batches'; readonly jobs: Jobs; readonly size: number; readonly concurrency: number }
  /** Alarms that are set wait from here on until `drain`, so that enqueuing and draining can be told apart. */
  | { readonly do: 'hold' }
  /**
   * Lets the alarm come, and answers when so many handlers have returned since the object began; `empty`: and nothing is stored any more.
   * Without it the object halts there: it is of no use afterwards but to be discarded.
   * `meterFrom`: counts anew once so many are done, as what was done last is not deleted yet at either end.
   */
  | { readonly do: 'drain'; readonly count: number; readonly empty: boolean; readonly meterFrom?: number }
  /** Counts from here on what the platform bills. */
  | { readonly do: 'meter' }
  /** Answers the bill since `meter`. */
  | { readonly do: 'bill' }
  /** Ends the object with everything it stores. */
  | { readonly do: 'discard' };

/** `n` counts up from `first`. */
export interface Jobs {
  readonly first: number;
  readonly count: number;
  readonly act: Work['act'];
  readonly ms?: number;
  /** With ids given by the caller, by those queues that take them. */
  readonly ids?: boolean;
}

/** A job, and its id when the caller gives one. */
export interface Enqueued {
  readonly id?: string;
  readonly work: Work;
}

export interface Bill {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Each is billed as one row written more. */
  readonly alarmsSet: number;
  /** Each is billed as a request. */
  readonly alarmsRun: number;
  /** Handlers that returned. */
  readonly done: number;
}

/** What a drain answers. */
export interface Drained {
  /** Until the last of the handlers returned, by the object's clock, which stands still unless handlers make calls. */
  readonly ms: number;
  /** Of a drain that halts: what was billed until there. */
  readonly bill: Bill | undefined;
}

/** With what is around it, 200 bytes of JSON. */
const TEXT = 'x'.repeat(160);

/** Those of the jobs from the one place to the other. */
export function enqueuedOf({ first, count, act, ms, ids }: Jobs, from = 0, to = count): Enqueued[] {
  const found: Enqueued[] = [];
  for (let i = from; i < Math.min(to, count); i++) {
    const n = first + i;
    const work = { n, act, text: TEXT, ...(ms === undefined ? {} : { ms }) };
    found.push(ids ? { id: `job ${n}`, work } : { work });
  }
  return found;
}
