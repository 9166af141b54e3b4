import type { Control, Stream } from '../../kernel/control-row.ts';
import type { JobRow, Live } from '../../kernel/job-row.ts';
import { goesFirst } from '../../kernel/order.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';

/** Waiting jobs read at a time. */
const CHUNK = 32;
/** The parked that are looked at, from the first lane on: each is as far from running as the others. */
const MAX_PARKED = 256;
/** Jobs that one call drops: a transaction must end. */
const MAX_DROPS = 1_000;

/** Who goes first: who has waited longest, or has the lowest priority. */
export type Policy = 'oldest' | 'lowest';

interface Line {
  readonly stream: Stream;
  buffer: JobRow[];
  dry: boolean;
}

/**
 * The waiting jobs in the order in which they make room for others. `oldest`: who has waited longest first, due ones before those
 * that wait for an instant. `lowest`: the lowest priority first, and in it who has waited longest. What is parked in a lane comes
 * when nothing else is left. Reads only; nobody is named twice.
 */
export class Victims {
  readonly #rows: Rows;
  readonly #policy: Policy;
  readonly #spared: Set<string>;
  readonly #now: number;
  readonly #lines: readonly Line[];
  /** Those of them that wait for an instant. */
  readonly #delayed: readonly Line[];
  #parked: JobRow[] | undefined;
  #drops = 0;

  /** @param spared ids of jobs that must stay */
  constructor(rows: Rows, control: Control, policy: Policy, spared: Set<string>, now: number) {
    const lines = (streams: readonly Stream[]) =>
      streams.map((stream): Line => ({ stream: { ...stream }, buffer: [], dry: false }));
    const streams = control.streams;
    this.#rows = rows;
    this.#policy = policy;
    this.#spared = spared;
    this.#now = now;
    this.#lines = lines(streams);
    this.#delayed = lines(streams.filter(({ timed }) => timed));
    const later = { due: now, seq: Number.MAX_SAFE_INTEGER };
    for (const { stream } of this.#delayed) if (stream.low.due <= now) stream.low = later;
  }

  /** Undefined: none may go for this one. */
  *next(guest: JobRow, delayed: boolean): Step<Live | undefined> {
    if (this.#drops === MAX_DROPS) return undefined;
    const victim =
      (yield* this.#first(delayed ? this.#delayed : this.#lines)) ??
      (delayed ? undefined : yield* this.#firstParked());
    if (victim === undefined) return undefined;
    if (this.#policy === 'lowest' && victim.row.rank < guest.rank) return undefined;
    this.#spared.add(victim.row.id);
    this.#drops += 1;
    return victim;
  }

  *#first(lines: readonly Line[]): Step<Live | undefined> {
    let first: JobRow | undefined;
    for (const line of lines) {
      const head = yield* this.#headOf(line);
      if (head !== undefined && (first === undefined || this.#goesBefore(head, first))) first = head;
    }
    return first && { at: 'jobs', row: first };
  }

  *#headOf(line: Line): Step<JobRow | undefined> {
    for (;;) {
      line.buffer = line.buffer.filter((row) => this.#mayGo(row));
      if (line.buffer.length > 0 || line.dry) return line.buffer[0];
      line.buffer = [...(yield* read(this.#rows.scan(line.stream, Number.MAX_SAFE_INTEGER, CHUNK)))];
      line.dry = line.buffer.length < CHUNK;
      line.stream.low = line.buffer.at(-1) ?? line.stream.low;
    }
  }

  *#firstParked(): Step<Live | undefined> {
    this.#parked ??= [...(yield* read(this.#rows.parkedAfter('', MAX_PARKED)))];
    let first: JobRow | undefined;
    for (const row of this.#parked)
      if (this.#mayGo(row) && (first === undefined || this.#isParkedBefore(row, first))) first = row;
    return first && { at: 'parked', row: first };
  }

  /** A damaged row is not thrown away: it may be mended. */
  #mayGo(row: JobRow): boolean {
    return row.damage === undefined && !this.#spared.has(row.id);
  }

  #goesBefore(a: JobRow, b: JobRow): boolean {
    if (this.#policy === 'lowest' && a.rank !== b.rank) return a.rank > b.rank;
    const [aDue, bDue] = [a.due <= this.#now, b.due <= this.#now];
    return aDue === bDue ? goesFirst(a, b) : aDue;
  }

  #isParkedBefore(a: JobRow, b: JobRow): boolean {
    return this.#policy === 'lowest' && a.rank !== b.rank ? a.rank > b.rank : a.seq < b.seq;
  }
}
