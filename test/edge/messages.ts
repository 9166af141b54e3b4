import type { Counts } from 'holdfast';

/** What a job of these tests is told to do. */
export interface Deed {
  /**
   * `effect`: writes its row. `hang`: tells that it runs, and never ends. `abort`: aborts its object. `throw`: throws.
   */
  readonly act: 'effect' | 'hang' | 'abort' | 'throw';
  /** How long it takes before its effect or its abort, ms. */
  readonly ms?: number;
}

export interface Order {
  readonly id: string;
  /** `later`: a name that only the second version of the code handles. */
  readonly name: 'work' | 'later';
  readonly payload: Deed;
  readonly delayMs?: number;
}

/** A row that a handler wrote into the table of its object. */
export interface Effect {
  readonly id: string;
  readonly fence: number;
  readonly at: number;
  /** Of the code that wrote it. */
  readonly version: number;
}

/** What the queue told as completed. */
export interface Completion {
  readonly id: string;
  readonly fence: number;
  readonly failures: number;
}

export interface Dead {
  readonly id: string;
  readonly failures: number;
  readonly crashes: number;
}

export interface TankState {
  readonly counts: Counts;
  readonly effects: readonly Effect[];
  readonly completions: readonly Completion[];
  readonly pending: readonly string[];
  readonly dead: readonly Dead[];
  readonly alarmAt: number | null;
  /** How often the object was woken by its alarm, all instances together. */
  readonly alarms: number;
  /** How often the other user of the alarm was woken in this instance; it throws each time. */
  readonly otherWoken: number;
}

/** What the object tells the test while it runs. */
export interface Told {
  readonly tank: string;
  readonly what: 'running' | 'effect';
  readonly id: string;
  readonly version: number;
}
