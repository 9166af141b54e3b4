import type { JobSpec } from '../kernel/messages.ts';

/** A job as it goes to the store, and the estimated bytes of its payload. */
export interface CheckedJob {
  readonly spec: JobSpec;
  readonly bytes: number;
  /** There when the definition's schema answers later: the job must not be stored before this resolves. */
  readonly checking?: Promise<void>;
}
