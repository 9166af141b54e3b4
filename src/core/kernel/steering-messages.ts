import type { Measured } from './enqueue-messages.ts';

/** At most 1,000 ids a call. */
export interface SelectRequest {
  readonly ids: readonly string[];
}

export interface CancelRequest extends SelectRequest {
  /**
   * Only those that wait: a claimed one is answered `running`, and its handler is not asked to stop. If that has not begun, it does not: the
   * job is then cancelled when its worker gives it back.
   */
  readonly waiting?: boolean;
}

/** Per id. `requested`: it is running; its handler's signal is aborted, and instead of coming back it ends cancelled (it may complete or die first). */
export type CancelAnswer = 'cancelled' | 'requested' | 'running' | 'finished' | 'unknown';

/** Another payload, of this version of its shape. */
export interface PayloadEdit {
  readonly payload: unknown;
  readonly sealed?: Measured;
  readonly version: number;
}

export interface RedriveRequest extends SelectRequest {
  /** In the place of the payload that each of them has, whose checkpoint then goes as well. */
  readonly edit?: PayloadEdit;
  /** They wait for none that is dead or gone. */
  readonly alone?: boolean;
}

/**
 * Per id. `duplicate`: another job holds its idempotency key, or has brought a newer payload with it, which an older one does not overwrite
 * (with an `edit` it is the newest). `unreadable`: what is stored cannot be read. `blocked`: a job that it
 * waits for is dead, or gone without having completed. In all three it stays dead.
 */
export type RedriveAnswer = 'redriven' | 'duplicate' | 'unreadable' | 'blocked' | 'not-dead' | 'unknown';

/** What is absent stays as it is. */
export interface EditRequest extends SelectRequest {
  /** In the place of the payload that each of them has, whose checkpoint then goes as well. */
  readonly edit?: PayloadEdit;
  readonly priority?: number;
  /** Not before this instant, or not before so many ms from now. Not both. */
  readonly runAt?: number;
  readonly delayMs?: number;
}

/**
 * Per id. `running`: a worker has claimed it. `finished`: it is dead, or completed and kept. `unreadable`: what is stored cannot be read.
 * `needs-feature`: it is not run without a feature that this page lacks. In all of them it stays as it is.
 */
export type EditAnswer = 'edited' | 'running' | 'finished' | 'unreadable' | 'needs-feature' | 'unknown';

export interface RetryNowRequest {
  /** At most 1,000: these, whatever instant they wait for. Absent: those that were tried before and match. */
  readonly ids?: readonly string[];
  readonly name?: string;
  readonly tag?: string;
  /** Where the call before ended. Absent: the first, which also lifts the waits of targets. */
  readonly after?: RetryNowPlace;
}

export interface RetryNowPlace {
  readonly stream: string;
  readonly due: number;
  readonly seq: number;
}

export interface RetryNowAnswer {
  /** So many became due. */
  readonly due: number;
  /** Ask again from here. Absent: that was all. */
  readonly next?: RetryNowPlace;
}

/** Per id. `live`: only finished jobs can be removed; cancel it first. */
export type RemoveAnswer = 'removed' | 'live' | 'unknown';

/** Without a name: the whole queue. */
export interface PauseRequest {
  readonly name?: string;
}

export interface PurgeRequest {
  /** Jobs, or other rows, that one call may remove. */
  readonly limit: number;
  /** Running jobs go too; their owners' leases are lost. */
  readonly force: boolean;
}

export interface PurgeAnswer {
  /** Jobs, in whatever state. */
  readonly removed: number;
  /** Jobs that run and were asked to stop. */
  readonly active: number;
  /** There is something left to remove: ask again. */
  readonly more: boolean;
}

export interface AbandonRequest {
  /** By its name. */
  readonly feature: string;
  /** Where the call before ended. Absent: the first. */
  readonly next?: string;
}

export interface AbandonAnswer {
  /** Jobs that have nothing of it any more. */
  readonly freed: number;
  /** Records of it: ends that were owed to it, and what it alone reads. */
  readonly dropped: number;
  /** Ask again from here. Absent: that was all. */
  readonly next?: string;
}
