/** How much work is done. */
export interface Plan {
  readonly runs: number;
  /** Jobs of a whole life. */
  readonly bulk: number;
  /** Jobs of whole lives beside the limit alone. */
  readonly lots: readonly number[];
  /** Jobs that a page runs through before it is measured. */
  readonly warmup: number;
  /** Enqueues one by one. */
  readonly singles: number;
  /** Enqueues many under way at a time. */
  readonly flying: number;
  /** Enqueues one by one, and their lives, in a page that has done nothing before. */
  readonly lives: number;
  /** Jobs that wait, by measure. */
  readonly few: number;
  readonly shallow: number;
  readonly deep: number;
  /** Jobs whose way to a handler is timed. */
  readonly sent: number;
}

const FULL = {
  bulk: 10_000,
  lots: [500, 5_000],
  warmup: 1_000,
  singles: 1_000,
  lives: 200,
  flying: 3_000,
  few: 1_000,
  shallow: 10_000,
  deep: 300_000,
  sent: 100,
};
const QUICK = {
  bulk: 500,
  lots: [100],
  warmup: 100,
  singles: 100,
  lives: 50,
  flying: 500,
  few: 1_000,
  shallow: 2_000,
  deep: 5_000,
  sent: 20,
};

export const planOf = ({ runs, quick }: { readonly runs: number; readonly quick: boolean }): Plan => ({
  runs,
  ...(quick ? QUICK : FULL),
});
