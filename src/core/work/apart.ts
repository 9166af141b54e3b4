import type { OutageNews } from '../kernel/messages.ts';
import { LIFT_MS, targetOf, waitMs } from '../kernel/target.ts';
import type { Attempt } from './attempt.ts';
import { isUnreached } from './meeting.ts';

/** Attempts in a row that did not reach a target which others reached meanwhile: then it is this worker that is apart. */
const IN_A_ROW = 3;

/** Targets may be made up as one goes: they must not fill the memory. */
const MAX_TARGETS = 1_000;

/** What this worker did not reach of a target since it last did. */
interface Streak {
  misses: number;
  /** When the first of them began. */
  readonly since: number;
  /** While it holds the target for itself: since when, for how long, and how often that was in vain. */
  held?: { readonly at: number; readonly ms: number; readonly step: number };
}

/**
 * A machine without a network must not eat a queue that others serve: what they reach and this worker does not, it holds for itself, and tries with
 * one job at a time, less and less often. In memory only: it says nothing of the target.
 */
export class Apart {
  readonly #maxMs: number;
  readonly #seed: string;
  readonly #streaks = new Map<string, Streak>();
  /** When this worker got through last, by target. */
  readonly #reachedAt = new Map<string, number>();

  constructor(maxMs: number, workerId: string) {
    this.#maxMs = maxMs;
    this.#seed = workerId;
  }

  heard(ended: readonly Attempt[], news: OutageNews | undefined, now: number): void {
    const missed = new Set<string>();
    for (const { claimed, outcome, meets } of ended) {
      const target = targetOf(claimed.job);
      if (outcome.kind === 'complete' || meets?.how.kind === 'through') this.#reached(target, now);
      if (meets === undefined || !isUnreached(meets)) continue;
      const known = this.#streaks.get(target);
      // That it failed before may be the job's own fault; and what began before this worker got through says nothing.
      const isMiss = claimed.job.tries === undefined && meets.startedAt >= (this.#reachedAt.get(target) ?? 0);
      if (known?.held === undefined && !isMiss) continue;
      const streak = known ?? { misses: 0, since: meets.startedAt };
      streak.misses += 1;
      if (known === undefined && this.#streaks.size >= MAX_TARGETS) this.#streaks.clear();
      this.#streaks.set(target, streak);
      missed.add(target);
    }
    for (const target of missed) this.#hold(target, news?.apart[target], now);
  }

  #reached(target: string, now: number): void {
    this.#streaks.delete(target);
    if (this.#reachedAt.size >= MAX_TARGETS) this.#reachedAt.clear();
    this.#reachedAt.set(target, now);
  }

  #hold(target: string, reachedMsAgo: number | undefined, now: number): void {
    const streak = this.#streaks.get(target);
    if (streak === undefined || streak.misses < IN_A_ROW || reachedMsAgo === undefined) return;
    if (now - reachedMsAgo <= streak.since) return;
    const step = streak.held === undefined ? 0 : streak.held.step + 1;
    streak.held = { at: now, ms: waitMs(step, this.#maxMs, `${this.#seed} ${target}`), step };
  }

  /** How many jobs of which targets it takes now, with so many of each under way here. Undefined: all that there are. */
  few(now: number, underWay: (target: string) => number): Record<string, number> | undefined {
    let few: Record<string, number> | undefined;
    for (const [target, { held }] of this.#streaks) {
      if (held === undefined) continue;
      few ??= {};
      few[target] = isOver(held, now) ? Math.max(0, 1 - underWay(target)) : 0;
    }
    return few;
  }

  /** When it tries again; undefined: it holds nothing. */
  nextAt(now: number): number | undefined {
    const instants = [...this.#streaks.values()].flatMap(({ held }) =>
      held === undefined || isOver(held, now) ? [] : [held.at + held.ms],
    );
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  /** The network may be back. */
  lift(now: number): void {
    for (const streak of this.#streaks.values()) {
      const { held } = streak;
      if (held === undefined) continue;
      streak.held = { ...held, ms: Math.min(held.ms, Math.max(LIFT_MS, now - held.at)) };
    }
  }
}

/** Also when the clock was set back: it is a length. */
const isOver = ({ at, ms }: { readonly at: number; readonly ms: number }, now: number): boolean =>
  now >= at + ms || now < at;
