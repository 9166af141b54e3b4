import { revealed } from '../../kernel/damage.ts';
import { InvalidOptionError } from '../../kernel/errors.ts';
import type { Feature, Gives, Giving } from '../../queue/feature.ts';
import { orderOf } from '../order.ts';

declare module '../../kernel/job.ts' {
  interface JobTypes {
    /** What its handler gives to `checkpoint`. */
    readonly checkpoint: unknown;
  }
  interface Job<Payload, Name extends string, Types extends JobTypes> {
    /** What an attempt left for the next: see `checkpoints`. A dead job has it too. */
    readonly checkpoint?: Types['checkpoint'];
  }
}

/** What handlers are given with `use: [checkpoints()]`. */
export interface CheckpointContext<Checkpoint = unknown> {
  /**
   * Leaves a value for the next attempt, which finds it as `job.checkpoint`, also when this one's owner vanishes. Resolves with true
   * once it is stored, and with false when it is not as yet: the lease is lost, or the store fails; then it goes with the next heartbeat
   * or the end of the attempt. Calls that come while one is under way share the next. Each replaces the one before. A dead job keeps it, and
   * has it when it is redriven as it is; with the job's completion it is gone. At most 8 KB; throws PayloadError, and
   * InvalidOptionError for undefined.
   */
  checkpoint(value: Checkpoint): Promise<boolean>;
}

interface Checkpointing extends Giving {
  readonly context: CheckpointContext<this['types']['checkpoint']>;
}

/** Of a queue with `checkpoints` in use, beside those of other features: `Queue<Jobs, CheckpointOptions>`. */
export type CheckpointOptions = Gives<Checkpointing>;

const NAME = 'checkpoints';

/**
 * Lets handlers store a value for the next attempt at their job. From then on only pages with this feature run that job.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [checkpoints()] });
 * work(queue, {
 *   import: async (file, { job, checkpoint }) => {
 *     for (let page = job.checkpoint ?? 0; page < file.pages; page++) {
 *       await send(file, page);
 *       await checkpoint(page + 1);
 *     }
 *   },
 * });
 */
export const checkpoints = (): Feature<CheckpointOptions> => ({
  name: NAME,
  order: orderOf(NAME),
  context: {
    checkpoint: (attempt) => (value: unknown) => {
      if (value === undefined) throw new InvalidOptionError('checkpoint', value, 'a value');
      if (attempt.isOver) return Promise.resolve(false);
      return attempt.attach(NAME, attempt.small('checkpoint', value));
    },
  },
  view(rows, job, { attached }) {
    const left = attached?.[NAME];
    if (left !== undefined) job.checkpoint = revealed(() => rows.codec.reveal(left));
  },
});
