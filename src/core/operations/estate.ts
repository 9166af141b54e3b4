import type { Job, JobState } from '../kernel/job.ts';
import type { Hint, JobStore } from '../kernel/store.ts';
import { ENQUEUE_OPTIONS, type EnqueueOptions } from '../queue/enqueue-options.ts';
import type { Environment } from '../queue/environment.ts';
import { Latch } from '../queue/latch.ts';
import { checkGrace } from '../queue/options.ts';

/** What `enqueueMany` takes. Its types are lost on the way: say yourself that it is an `EnqueueItem` of your jobs. */
export type ExportedItem = EnqueueOptions & { readonly name: string; readonly payload: unknown };

/** A job of the queue, and what enqueues it again. */
export interface ExportedJob {
  readonly job: Job;
  /**
   * For `enqueueMany`, here or elsewhere, in the order in which they come: under the same id, at its instant, with what is left of its age,
   * waiting for what it still waits for. It begins anew: failures, crashes, checkpoints, results of others, its batch and the time that its
   * key is held are not taken along; nor is the version of its payload, which has to be that of the queue it goes to. Absent for a
   * completed job.
   */
  readonly item?: ExportedItem;
}

export interface PurgeOptions {
  /** How long running jobs are waited for, once they were asked to stop. Default 5,000. */
  readonly graceMs?: number;
}

export interface Purged {
  /** Jobs that were deleted, in whatever state. */
  readonly removed: number;
  /** Jobs that ran when it began, and were asked to stop. */
  readonly asked: number;
}

export interface EstateSetup {
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly subscribe: (listener: () => void) => () => void;
  readonly onHint: (hint: Hint) => void;
}

const PAGE = 100;
const CHUNK = 1_000;
const STATES: readonly JobState[] = ['active', 'pending', 'dead', 'completed'];
/** Not every context says when a handler has ended. */
const LOOK_MS = 1_000;

/** All that a queue has, to take along or to leave nothing behind. */
export class Estate {
  readonly #setup: EstateSetup;

  constructor(setup: EstateSetup) {
    this.#setup = setup;
  }

  async *export(): AsyncGenerator<ExportedJob, void, undefined> {
    const { queue, store, environment } = this.#setup;
    for (const state of STATES) {
      let cursor: string | undefined;
      do {
        const from = cursor === undefined ? {} : { cursor };
        const page = await store.list({ queue, state, limit: PAGE, ...from });
        for (const job of page.jobs) yield exported(job, environment.now());
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
  }

  async purge(options: PurgeOptions = {}): Promise<Purged> {
    const { queue, store, environment, subscribe, onHint } = this.#setup;
    const deadline = environment.now() + checkGrace('purge options', options);
    const latch = new Latch(environment);
    const unsubscribe = subscribe(() => latch.wake());
    let removed = 0;
    let asked: number | undefined;
    try {
      for (;;) {
        const now = environment.now();
        const answer = await store.purge({ queue, limit: CHUNK, force: now >= deadline }, now);
        removed += answer.removed;
        asked ??= answer.active;
        onHint('cancel');
        if (answer.more) continue;
        if (answer.active === 0) return { removed, asked };
        await latch.sleep(Math.min(deadline, now + LOOK_MS));
      }
    } finally {
      unsubscribe();
    }
  }
}

function exported(job: Job, now: number): ExportedJob {
  return job.state === 'completed' ? { job } : { job, item: itemOf(job, now) };
}

/** What an item does not take from its job: these were the enqueue's own, or are said otherwise below. */
const NOT_TAKEN: {
  readonly [Option in Exclude<keyof EnqueueOptions, keyof Job> | 'runAt' | 'maxAgeMs' | 'dependsOn']: true;
} = {
  delayMs: true,
  onDuplicate: true,
  keyForMs: true,
  maxWaitMs: true,
  runAt: true,
  maxAgeMs: true,
  dependsOn: true,
};

/** Every option that the job shows. Absent ones are left out: an item may be stored as JSON in between. */
function itemOf(job: Job, now: number): ExportedItem {
  const { name, payload, state, runAt, expiresAt, maxAgeMs, blockedBy } = job;
  const taken = Object.keys(ENQUEUE_OPTIONS).filter((option) => !(option in NOT_TAKEN));
  const isPending = state === 'pending';
  const given = {
    ...Object.fromEntries(taken.map((option) => [option, job[option as keyof Job]])),
    dependsOn: isPending ? blockedBy : undefined,
    runAt: isPending && runAt > now ? runAt : undefined,
    maxAgeMs: expiresAt === undefined ? maxAgeMs : Math.max(1, expiresAt - Math.max(now, runAt)),
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { name, payload, ...Object.fromEntries(set) };
}
