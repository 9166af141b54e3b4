import type { HoldfastErrorCode } from '../../core/kernel/errors.ts';
import type { StoreCalls } from '../store-calls.ts';
import type { State } from './state.ts';

/** The operations that change something, or look at one job. */
export type Operation =
  | 'enqueue'
  | 'exchange'
  | 'extend'
  | 'reclaim'
  | 'cancel'
  | 'redrive'
  | 'retryNow'
  | 'remove'
  | 'prune'
  | 'hold'
  | 'pause'
  | 'resume'
  | 'putSchedules'
  | 'removeSchedule'
  | 'listSchedules'
  | 'fire'
  | 'putBatch'
  | 'closeBatch'
  | 'countBatch'
  | 'explain'
  | 'stats'
  | 'log'
  | 'get'
  | 'count';

export type RequestOf<O extends Operation> = Omit<Parameters<StoreCalls[O]>[0], 'queue'>;
export type AnswerOf<O extends Operation> = Awaited<ReturnType<StoreCalls[O]>>;

/** What was asked, and what the reference answered; `refused` instead of an answer. */
export interface Turn<O extends Operation = Operation> {
  readonly operation: O;
  readonly request: RequestOf<O>;
  readonly answer: AnswerOf<O> | undefined;
  readonly refused: HoldfastErrorCode | undefined;
  readonly now: number;
  readonly before: State;
  readonly after: State;
}
