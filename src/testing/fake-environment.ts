import type { Environment } from '../core/index.ts';
import { laterTask } from '../core/queue/later-task.ts';

/** An environment whose time stands still until it is told to go on. */
export interface FakeEnvironment extends Environment {
  /** Runs everything that can run without time passing. */
  flush(): Promise<void>;
  /** Lets `ms` pass: timers fire in order, each at its own instant, and what they start runs before the next. */
  advance(ms: number): Promise<void>;
  /** Sets the clock forward or back, as a user or a network does: no timer fires for it. */
  jump(ms: number): void;
  /** Timers armed now. */
  readonly timers: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Any instant does; this one is a round one in 2025. */
const START = 1_750_000_000_000;

/**
 * A clock, timers and ids for tests: the same each time, and no test waits. Works with any store whose promises resolve
 * without timers, the memory store among them.
 */
export function fakeEnvironment({ now: start = START }: { readonly now?: number } = {}): FakeEnvironment {
  /** Time that passed; the clock may differ from it by jumps. */
  let elapsed = 0;
  let offset = start;
  let ids = 0;
  const timers = new Set<Timer>();
  const yielded: (() => void)[] = [];

  const flush = async () => {
    do {
      for (const resume of yielded.splice(0)) resume();
      await laterTask({});
    } while (yielded.length > 0);
  };
  const nextTimer = () => [...timers].sort((a, b) => a.at - b.at)[0];

  return {
    now: () => elapsed + offset,
    setTimer(callback, ms) {
      const timer = { at: elapsed + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    yield: () => new Promise((resolve) => yielded.push(resolve)),
    id: () => `id-${String(++ids).padStart(6, '0')}`,
    flush,
    async advance(ms) {
      const end = elapsed + ms;
      await flush();
      for (let next = nextTimer(); next !== undefined && next.at <= end; next = nextTimer()) {
        timers.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.callback();
        await flush();
      }
      elapsed = end;
    },
    jump(ms) {
      offset += ms;
    },
    get timers() {
      return timers.size;
    },
  };
}
