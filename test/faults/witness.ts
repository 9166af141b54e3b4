import type { Counts } from 'holdfast';
import { Stall } from './stall.ts';

/** What a run came to. */
export interface Figures {
  readonly jobs: number;
  readonly accepted: number;
  /** Requests of handlers that arrived. */
  readonly effects: number;
  /** Effects beyond the first of each job: delivery is at least once. */
  readonly duplicates: number;
  /** Accepted, and without an effect. */
  readonly lost: readonly string[];
  /** With an effect, and never enqueued. */
  readonly invented: readonly string[];
  /** Without any effect, while accepted jobs waited for theirs and somebody was up to work. */
  readonly longestStallMs: number;
  /** From each restart, with accepted jobs waiting, to the first effect. */
  readonly resumesMs: readonly number[];
  /** The store's own counts, as told last. */
  readonly counts: Counts | undefined;
  /** Everything that was handed out was accepted, had its effect and is settled. */
  readonly finished: boolean;
}

/** Jobs on their way at a time: few enough that enqueueing goes on until the end, enough that there is always work. */
const BACKLOG = 150;

/**
 * Knows, outside of all that is killed, which jobs were handed out, accepted and done. Those who enqueue and work are known to it
 * by a name of their own each time they are started.
 */
export class Witness {
  readonly #planned: number;
  readonly #now = () => performance.now();
  readonly #accepted = new Set<string>();
  readonly #done = new Set<string>();
  readonly #invented = new Set<string>();
  /** Handed out and not yet accepted, with whom. */
  readonly #pending = new Map<string, string>();
  readonly #givenBack: string[] = [];
  readonly #up = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #stall = new Stall();
  readonly #resumesMs: number[] = [];
  /** Handed out in all, or to be. */
  #jobs: number;
  #handedOut = 0;
  #effects = 0;
  #outstanding = 0;
  #wasDown = false;
  #resumedAt: number | undefined;
  #counts: Counts | undefined;
  #isQuiet = false;

  constructor(jobs: number) {
    this.#planned = jobs;
    this.#jobs = jobs;
  }

  /** Time is running out: no further job is begun, so that what is late can be told from what is lost. */
  close(): void {
    this.#jobs = this.#handedOut;
  }

  get isClosed(): boolean {
    return this.#jobs < this.#planned;
  }

  /** Jobs with an effect. */
  get done(): number {
    return this.#done.size;
  }

  get accepted(): number {
    return this.#accepted.size;
  }

  /** Requests of handlers, the second ones too. */
  get effects(): number {
    return this.#effects;
  }

  /** Accepted jobs that wait for their effect. */
  get outstanding(): number {
    return this.#outstanding;
  }

  get allDone(): boolean {
    return this.accepted === this.#jobs && this.#outstanding === 0;
  }

  get finished(): boolean {
    return this.allDone && this.#isQuiet;
  }

  /** It began to enqueue and to work. Nothing that a vanished one said before it went is heard as life. */
  appear(who: string): void {
    if (this.#gone.has(who) || this.#up.has(who)) return;
    this.#up.add(who);
    if (this.#wasDown && this.#up.size === 1 && this.#outstanding > 0) this.#resumedAt = this.#now();
    this.#wasDown = false;
    this.#look();
  }

  /** It crashed or was killed: what it did not report as accepted is handed out again. */
  vanish(who: string): void {
    this.#gone.add(who);
    this.#up.delete(who);
    if (this.#up.size === 0) {
      this.#wasDown = true;
      this.#resumedAt = undefined;
    }
    for (const [id, holder] of this.#pending) if (holder === who) this.#givenBack.push(id);
    for (const id of this.#givenBack) this.#pending.delete(id);
    this.#look();
  }

  isUp(who: string): boolean {
    return this.#up.has(who);
  }

  /** Ids of jobs to enqueue; none while enough are on their way. */
  handOut(to: string, most: number): string[] {
    const ids: string[] = [];
    while (this.#up.has(to) && ids.length < most && this.#outstanding + this.#pending.size < BACKLOG) {
      const id = this.#nextId();
      if (id === undefined) break;
      this.#pending.set(id, to);
      ids.push(id);
    }
    return ids;
  }

  #nextId(): string | undefined {
    for (let id = this.#givenBack.shift(); id !== undefined; id = this.#givenBack.shift())
      if (!this.#accepted.has(id)) return id;
    return this.#handedOut < this.#jobs ? `job-${this.#handedOut++}` : undefined;
  }

  /** Their enqueue has resolved. */
  accept(ids: readonly string[]): void {
    for (const id of ids) {
      this.#pending.delete(id);
      if (this.#accepted.has(id)) continue;
      this.#accepted.add(id);
      if (!this.#done.has(id)) this.#outstanding += 1;
    }
    this.#look();
  }

  /** A handler's request has arrived. */
  see(id: string): void {
    this.#effects += 1;
    if (!this.#wasHandedOut(id)) this.#invented.add(id);
    else if (!this.#done.has(id)) {
      this.#done.add(id);
      if (this.#accepted.has(id)) this.#outstanding -= 1;
    }
    const now = this.#now();
    if (this.#resumedAt !== undefined) this.#resumesMs.push(now - this.#resumedAt);
    this.#resumedAt = undefined;
    this.#stall.reset(now);
    this.#look();
  }

  #wasHandedOut(id: string): boolean {
    const number = /^job-(\d+)$/.exec(id)?.[1];
    return number !== undefined && Number(number) < this.#handedOut;
  }

  /** What the store counts. */
  count(counts: Counts): void {
    this.#counts = counts;
    this.#isQuiet = this.allDone && counts.pending + counts.active === 0;
  }

  #look(): void {
    this.#stall.look(this.#outstanding > 0 && this.#up.size > 0, this.#now());
  }

  figures(): Figures {
    this.#look();
    return {
      jobs: this.#planned,
      accepted: this.accepted,
      effects: this.#effects,
      duplicates: this.#effects - this.#done.size - this.#invented.size,
      lost: [...this.#accepted].filter((id) => !this.#done.has(id)),
      invented: [...this.#invented],
      longestStallMs: Math.round(this.#stall.longestMs),
      resumesMs: this.#resumesMs.map(Math.round),
      counts: this.#counts,
      finished: this.finished,
    };
  }
}
