import { listAll } from '../../core/index.ts';
import type { CancelAnswer } from '../../core/kernel/messages.ts';
import { cancelling } from '../../core/operations/cancel.ts';
import { contextOf } from '../../core/queue/context.ts';
import { enqueueStored } from '../replay/enqueue-request.ts';
import type { StoredRequest } from '../replay/stored-request.ts';
import { type EntryJob, type StoredEntry, timestampOf } from './entry.ts';
import type { EntryQueue } from './open-queue.ts';

/** The greatest there is. */
const MAX_PRIORITY = 100;

/** The requests of one origin go one after the other: so nobody can tell the order from that of the whole queue, and a host that is gone holds up no other. */
export const originLane = ({ url }: StoredRequest): string => new URL(url).origin;

export interface Added {
  readonly entry: StoredEntry;
  readonly where: 'push' | 'unshift';
  readonly id?: string;
  /** Default: the origin. */
  readonly lane?: (request: StoredRequest) => string | undefined;
}

/** A queue's entries, as Workbox has them: in order, with what takes one out. */
export class Entries {
  readonly #queue: EntryQueue;
  readonly #retentionMs: number;

  constructor(queue: EntryQueue, retentionMs: number) {
    this.#queue = queue;
    this.#retentionMs = retentionMs;
  }

  get now(): number {
    return contextOf(this.#queue).environment.now();
  }

  /** Returns the job's id once it is stored. */
  async add({ entry, where, id, lane = originLane }: Added): Promise<string> {
    const { now } = this;
    const { timestamp = now } = entry;
    const stored = { ...entry, timestamp };
    // The age that is left: its job is as old as its timestamp says.
    const maxAgeMs = Math.max(1, Math.ceil(timestamp + this.#retentionMs - now));
    const { id: stays } = await enqueueStored(this.#queue, 'request', stored, {
      maxAgeMs,
      ...(id !== undefined && { id }),
      ...(where === 'push' ? { lane } : { lane: () => undefined, priority: await this.#first() }),
    });
    return stays;
  }

  /** All that wait, and those that are being sent, in the order in which they go. */
  async list(): Promise<EntryJob[]> {
    const jobs: EntryJob[] = [];
    for (const state of ['active', 'pending'] as const)
      for await (const job of listAll(this.#queue, { state })) if (job.payload) jobs.push(job as EntryJob);
    const seen = new Map(jobs.map((job) => [job.id, job]));
    return [...seen.values()].sort((a, b) => b.priority - a.priority || a.seq - b.seq);
  }

  isExpired(job: EntryJob): boolean {
    return this.now - timestampOf(job) > this.#retentionMs;
  }

  /** Takes one out for good, if it waits. */
  async remove(id: string): Promise<boolean> {
    const [answer] = await this.#queue.call(cancelling, { ids: [id], waiting: true });
    return (answer as CancelAnswer) === 'cancelled';
  }

  /** Takes the first or the last out for good. Those that are too old are left to become dead letters. */
  async take(
    which: 'first' | 'last',
    isFree: (job: EntryJob) => boolean = () => true,
  ): Promise<EntryJob | undefined> {
    const jobs = await this.list();
    if (which === 'last') jobs.reverse();
    for (const job of jobs)
      if (isFree(job) && !this.isExpired(job) && (await this.remove(job.id))) return job;
    return undefined;
  }

  /** Before all that wait. Behind a hundred that were put there before, it is the last of these. */
  async #first(): Promise<number> {
    const [first] = await this.list();
    return Math.min(MAX_PRIORITY, (first?.priority ?? 0) + 1);
  }
}
