import type { Counts } from 'holdfast';

/** What a tab sends to the server, by path. */
export interface TabReport {
  /** It works, and asks for jobs to enqueue: answered with Orders. */
  readonly orders: { readonly tab: string; readonly most: number };
  /** Their enqueue has resolved. */
  readonly accepted: { readonly ids: readonly string[] };
  /** What the store counts. */
  readonly counts: Counts;
}

export interface Orders {
  readonly ids: readonly string[];
  /** Everything had its effect: whether all is settled too, the store has to say. */
  readonly allDone: boolean;
}

/** Something that went wrong in a tab, and is the queue's to mend. */
export interface Told {
  readonly tab: string;
  readonly what: string;
}
