import type { Job } from '../kernel/job.ts';
import type { Context } from '../queue/context.ts';
import type { QueueEvents } from '../queue/emitter.ts';
import type { Environment } from '../queue/environment.ts';
import type { Part } from '../queue/part.ts';

/** As many attempts of each name are remembered: percentiles are of these. */
const SAMPLES = 1_000;
const MINUTE_MS = 60_000;

/** In ms, of the last 1,000 attempts; absent: none has ended. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What this context did with the jobs of one name, since the first call of `stats`. */
export interface NameMeasures {
  readonly completed: number;
  readonly retried: number;
  readonly released: number;
  readonly dead: number;
  readonly cancelled: number;
  /** Attempts that ended in the last minute; no more than 1,000 are counted. */
  readonly perMinute: number;
  /** From when the job was due to when its handler began. */
  readonly waitMs?: Percentiles;
  /** From when its handler began to when its outcome was stored. */
  readonly runMs?: Percentiles;
}

type End = 'completed' | 'retried' | 'released' | 'dead' | 'cancelled';

/** The last numbers given to it. */
class Ring {
  readonly #values: number[] = [];
  #next = 0;

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % SAMPLES;
  }

  countFrom(least: number): number {
    return this.#values.filter((value) => value >= least).length;
  }

  percentiles(): Percentiles | undefined {
    const sorted = [...this.#values].sort((a, b) => a - b);
    if (sorted.length === 0) return undefined;
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

/** The attempts of one name. */
class Attempts {
  readonly ends: Record<End, number> = { completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0 };
  readonly waits = new Ring();
  readonly runs = new Ring();
  readonly endedAt = new Ring();

  measures(now: number): NameMeasures {
    const waitMs = this.waits.percentiles();
    const runMs = this.runs.percentiles();
    return {
      ...this.ends,
      perMinute: this.endedAt.countFrom(now - MINUTE_MS),
      ...(waitMs && { waitMs }),
      ...(runMs && { runMs }),
    };
  }
}

/** Counts and times what runs in this context, from the events that it hears: whoever never asks pays nothing. */
export class Measures implements Part {
  readonly #environment: Environment;
  readonly #names = new Map<string, Attempts>();
  /** By id, of the jobs that run. */
  readonly #running = new Map<string, { readonly name: string; readonly since: number }>();
  readonly #ends: readonly (() => void)[];
  /** From when on it has listened, epoch ms. */
  readonly since: number;

  constructor({ emitter, environment }: Context) {
    this.#environment = environment;
    this.since = environment.now();
    const ended = (end: End) => (event: { readonly job: Job }) => this.#ended(event.job.id, end);
    this.#ends = [
      emitter.on('job:started', (event) => this.#started(event)),
      emitter.on('job:completed', ended('completed')),
      emitter.on('job:retried', ended('retried')),
      emitter.on('job:released', ended('released')),
      emitter.on('job:dead', ended('dead')),
      emitter.on('job:cancelled', ({ id }) => this.#ended(id, 'cancelled')),
      emitter.on('job:stale', ({ job }) => this.#running.delete(job.id)),
      emitter.on('lease:lost', ({ job }) => this.#running.delete(job.id)),
    ];
  }

  /** By name. */
  byName(): ReadonlyMap<string, NameMeasures> {
    const now = this.#environment.now();
    return new Map([...this.#names].map(([name, attempts]) => [name, attempts.measures(now)]));
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #started({ job }: QueueEvents['job:started']): void {
    const since = this.#environment.now();
    this.#running.set(job.id, { name: job.name, since });
    this.#of(job.name).waits.add(Math.max(0, since - job.runAt));
  }

  #ended(id: string, end: End): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    const now = this.#environment.now();
    const attempts = this.#of(running.name);
    attempts.ends[end] += 1;
    attempts.runs.add(Math.max(0, now - running.since));
    attempts.endedAt.add(now);
  }

  #of(name: string): Attempts {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const fresh = new Attempts();
    this.#names.set(name, fresh);
    return fresh;
  }
}
