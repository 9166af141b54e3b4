import type { ClaimedJob, Outcome, Settlement } from '../messages.ts';
import type { JobDefinition } from './definitions.ts';
import type { Run } from './run.ts';

/** An outcome on its way to the store. */
export interface Ended {
  readonly claimed: ClaimedJob;
  readonly outcome: Outcome;
  readonly result?: unknown;
  /** Sent before without an answer: `stale` may then mean that it arrived. */
  readonly repeated: boolean;
}

/** From this crash on a job is run alone: see the claim. */
const SUSPECT_CRASHES = 2;

/** All that one worker holds a lease of: claimed, running, or ended and not settled. */
export class Holdings {
  readonly ready: ClaimedJob[] = [];
  readonly running = new Map<string, Run>();
  readonly ended: Ended[] = [];
  /** Handlers that still run although their job has its outcome, or is another worker's. */
  readonly left = new Map<string, Run>();

  /** Jobs that take a slot, or will. */
  get size(): number {
    return this.ready.length + this.running.size;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.ended.length === 0;
  }

  countOf(name: string): number {
    let count = 0;
    for (const { job } of this.ready) if (job.name === name) count += 1;
    for (const run of this.running.values()) if (run.claimed.job.name === name) count += 1;
    return count;
  }

  hasSuspect(): boolean {
    const isSuspect = ({ job }: ClaimedJob) => job.crashes >= SUSPECT_CRASHES;
    return this.ready.some(isSuspect) || [...this.running.values()].some(({ claimed }) => isSuspect(claimed));
  }

  /** Slots left for a name that may run `concurrency` at a time. */
  slotsOf(name: string, { concurrency }: JobDefinition, limit: number): number {
    return concurrency === undefined ? limit : Math.max(0, concurrency - this.countOf(name));
  }

  leases(): { id: string; fence: number; progress?: unknown }[] {
    const running = [...this.running.values()].map((run) => {
      const { progress } = run;
      run.progress = undefined;
      return { id: run.id, fence: run.claimed.fence, ...(progress === undefined ? {} : { progress }) };
    });
    const others = [...this.ready, ...this.ended.map(({ claimed }) => claimed)];
    return [...running, ...others.map(({ job, fence }) => ({ id: job.id, fence }))];
  }

  /** Takes what has ended, to settle it. */
  takeEnded(): Ended[] {
    return this.ended.splice(0);
  }

  /** The store did not answer. */
  keepEnded(ended: readonly Ended[]): void {
    this.ended.unshift(...ended.map((one) => ({ ...one, repeated: true })));
  }
}

export function settlementOf({ claimed, outcome }: Ended): Settlement {
  return { id: claimed.job.id, fence: claimed.fence, outcome };
}
