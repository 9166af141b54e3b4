/** A job's step from one state to another. */
export interface Transition {
  readonly id: string;
  readonly to:
    | 'enqueued'
    | 'replaced'
    | 'dropped'
    | 'claimed'
    | 'completed'
    | 'retried'
    | 'released'
    | 'dead'
    | 'cancelled'
    | 'reclaimed'
    | 'redriven'
    | 'edited'
    | 'removed';
  /** The job's, where it is known. */
  readonly name?: string;
  readonly workerId?: string;
  readonly attempt?: number;
  /** The first 200 characters of its message. */
  readonly error?: string;
}

export interface LogEntry extends Transition {
  /** Its number: the first transition of the queue has 1. */
  readonly n: number;
  /** Epoch ms. */
  readonly at: number;
}

export interface LogRequest {
  /** Only those with greater numbers. */
  readonly after: number;
  readonly limit: number;
}

export type LogAnswer = readonly LogEntry[];
