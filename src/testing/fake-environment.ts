import type { Environment } from '../core/index.ts';
import { laterTask } from '../core/queue/later-task.ts';

/** A clock for tests: it stands still until it is told to go on. Give it to `createQueue` as its `environment`. */
export interface FakeEnvironment extends Environment {
  /** Runs everything that can run without time passing. */
  flush(): Promise<void>;
  /** Lets `ms` pass: timers fire in order, each at its own instant, and what they start runs before the next. */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until the promise has settled, timer by timer, and returns what it resolves with. A timer fires only when the promise has had
   * five hundred turns of the event loop to go on without it. What takes longer in the real world (a large file, a server) is overtaken
   * by the clock: put something in its place, such as `fakeNetwork`.
   *
   * @example
   * const { completed } = await clock.until(drain(queue, handlers)); // also when a handler waits for the clock
   *
   * @throws what the promise rejects with; an Error when 1,000 timers have fired and it has not settled
   */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Sets the clock forward or back, as a user or a network does: no timer fires for it. */
  jump(ms: number): void;
  /** Timers armed now. 0 when everything was closed: nothing goes on after the test. */
  readonly timers: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Any instant does; this one is a round one in 2025. */
const START = 1_750_000_000_000;

/** Turns of the event loop in which whatever does not wait for the clock goes on before the clock does. */
const TURNS = 500;
/** Hours of a worker's heartbeats: a promise that needs more than that is waited for in vain. */
const MAX_FIRED = 1_000;

/**
 * A clock, timers and ids for tests: the same each time, and no test waits. Works with any store whose promises resolve
 * without timers, the memory store among them. `now`: where it begins, epoch ms; default an instant in 2025.
 *
 * @example
 * const clock = fakeEnvironment();
 * const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), environment: clock });
 * await queue.enqueue('note.push', { id: 'a' }, { delayMs: 60_000 });
 * await clock.advance(60_000); // a minute is over, and nothing has waited
 */
export function fakeEnvironment({ now: start = START }: { readonly now?: number } = {}): FakeEnvironment {
  /** Time that passed; the clock may differ from it by jumps. */
  let elapsed = 0;
  let offset = start;
  let ids = 0;
  const timers = new Set<Timer>();
  /** Who waits for the next timer to be armed. */
  const waiting: (() => void)[] = [];
  const yielded: (() => void)[] = [];

  const flush = async () => {
    do {
      for (const resume of yielded.splice(0)) resume();
      await laterTask({});
    } while (yielded.length > 0);
  };
  const nextTimer = () => [...timers].sort((a, b) => a.at - b.at)[0];
  const fire = async (timer: Timer) => {
    timers.delete(timer);
    elapsed = Math.max(elapsed, timer.at);
    timer.callback();
    await flush();
  };
  const armed = () => new Promise<void>((resolve) => waiting.push(resolve));

  return {
    now: () => elapsed + offset,
    setTimer(callback, ms) {
      const timer = { at: elapsed + ms, callback };
      timers.add(timer);
      for (const resume of waiting.splice(0)) resume();
      return () => timers.delete(timer);
    },
    yield: () => new Promise((resolve) => yielded.push(resolve)),
    id: () => `id-${String(++ids).padStart(6, '0')}`,
    flush,
    async advance(ms) {
      const end = elapsed + ms;
      await flush();
      for (let next = nextTimer(); next !== undefined && next.at <= end; next = nextTimer()) await fire(next);
      elapsed = end;
    },
    async until(promise) {
      let isSettled = false;
      const settled = promise.then(
        () => {
          isSettled = true;
        },
        () => {
          isSettled = true;
        },
      );
      for (let fired = 0; ; ) {
        for (let turn = 0; turn < TURNS && !isSettled; turn++) await flush();
        if (isSettled) return promise;
        const next = nextTimer();
        if (next === undefined) await Promise.race([settled, armed()]);
        else if (fired++ === MAX_FIRED)
          throw new Error(
            `${MAX_FIRED} timers have fired and it has not settled: does it wait for what the clock does not bring?`,
          );
        else await fire(next);
      }
    },
    jump(ms) {
      offset += ms;
    },
    get timers() {
      return timers.size;
    },
  };
}
