import type { Call } from './call.ts';
import type { Limits } from './limit-rules.ts';
import { marksOf, type Part } from './part.ts';

const MINUTE_MS = 60_000;
/** A mark is that long, and written anew when five minutes of it are over. */
const LEAST_MS = 10 * MINUTE_MS;
const MOST_MS = 15 * MINUTE_MS;
/** Twice the sleep of a worker: who has the limit was there so lately, whatever clocks say. */
const AWAKE_MS = 60_000;
/** A clock that goes on by more than this has jumped, and is in doubt. */
const JUMP_MS = 45_000;
const DOUBT_MS = 90_000;

/** The last exchange of a context that has a limit. */
interface Seen {
  readonly elapsed: number;
  /** How many jumps there had been by then. */
  readonly jumps: number;
}

/** Names that some contexts limit: the others leave them alone from an exchange of such a context on, and not for ever. */
export class MarkRules {
  /** By name, the last instant at which it was marked for sure, and at which it may have been. */
  readonly #marked = new Map<string, number>();
  readonly #maybeMarked = new Map<string, number>();
  readonly #seen = new Map<string, Seen>();
  #jumps = 0;
  /** The last one that was not taken back. */
  #jumpedAt = 0;

  /** The clock was set back: what is left of marks stays. Which of them were told by a clock that was ahead is not seen from outside. */
  followClock(last: number, now: number): void {
    this.#jumpedAt = 0;
    for (const [mark, at] of this.#marked) this.#marked.set(mark, at - (last - now));
    for (const [mark, at] of this.#maybeMarked) this.#maybeMarked.set(mark, Math.min(at, now));
  }

  /** Nobody has a limit any more: what was marked is free. */
  forget(): void {
    for (const marked of [this.#marked, this.#maybeMarked, this.#seen]) marked.clear();
  }

  /** The clock goes on. */
  followTime(last: number, now: number): void {
    if (now - last <= JUMP_MS) return;
    this.#jumps += 1;
    this.#jumpedAt = now;
  }

  /** `exists`: something was accepted, so that there is a queue to write a mark to. */
  enter(call: Call, { limits }: Part, exists: boolean, elapsed: number): void {
    if (call.method !== 'exchange' || call.error !== undefined) return;
    for (const mark of marksOf(limits)) {
      if (exists) keepLatest(this.#marked, mark, call.now);
      if (exists) this.#seen.set(mark, { elapsed, jumps: this.#jumps });
      keepLatest(this.#maybeMarked, mark, call.now);
    }
  }

  /** Whether who sets these limits must leave the name alone. One jump of the clock is in doubt, and changes nothing. */
  isMarked(name: string, own: Limits, now: number, elapsed: number): boolean {
    const isAwake = (mark: string) => {
      const { elapsed: at = Number.NEGATIVE_INFINITY, jumps = 0 } = this.#seen.get(mark) ?? {};
      return elapsed - at <= AWAKE_MS && this.#jumps - jumps <= 1;
    };
    return foreign(this.#marked, name, own) + LEAST_MS > now || foreignMarks(name, own).some(isAwake);
  }

  /** Whether it may. Nothing that was marked is over while the clock is in doubt. */
  mayBeMarked(name: string, own: Limits, now: number): boolean {
    const at = foreign(this.#maybeMarked, name, own);
    return at + MOST_MS > now || (at > 0 && now < this.#jumpedAt + DOUBT_MS);
  }
}

function keepLatest(marked: Map<string, number>, mark: string, now: number): void {
  marked.set(mark, Math.max(now, marked.get(mark) ?? 0));
}

function foreign(marked: ReadonlyMap<string, number>, name: string, own: Limits): number {
  return Math.max(0, ...foreignMarks(name, own).map((mark) => marked.get(mark) ?? 0));
}

/** Marks of the name that who sets these limits does not share. */
function foreignMarks(name: string, own: Limits): string[] {
  const mine = marksOf(own);
  return ['', name].filter((mark) => !mine.includes(mark));
}
