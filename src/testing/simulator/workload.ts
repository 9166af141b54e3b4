import {
  type CheckpointContext,
  type CheckpointOptions,
  DeadLetterError,
  type Definitions,
  type EnqueueOptionsWith,
  fixed,
  type Gate,
  type HandlerContext,
  type Handlers,
  job,
  type KeyOptions,
  type LimitedOptions,
  type NameLimits,
  type Rate,
  type ResultOptions,
  RetryLaterError,
} from '../../core/index.ts';
import type { SimulatedContext } from './context.ts';
import type { Random } from './random.ts';
import { HOSTS } from './servers.ts';

/** What somebody enqueues. */
export interface Wanted {
  readonly name: string;
  readonly payload: unknown;
  readonly options?: EnqueueOptionsWith<KeyOptions & LimitedOptions & ResultOptions>;
}

/** Of queues with every feature. */
export type SimulatedHandlers = Handlers<Definitions, CheckpointOptions>;

/** What one simulation runs: definitions and handlers of each context, what is enqueued, and what must hold all the while. */
export interface Workload {
  /** Later releases may add, rename and version jobs. */
  jobs(context: SimulatedContext): Definitions;
  /** Of some of its jobs, by name: `context.gate` and `context.laterGate`, which the simulation closes. Default: none. */
  gates?(context: SimulatedContext): Readonly<Record<string, Gate>>;
  handlers(context: SimulatedContext): SimulatedHandlers;
  /** Of names that all releases have. Default: none. */
  readonly limits?: Readonly<Record<string, NameLimits>>;
  next(random: Random, context: SimulatedContext): Wanted;
  /** Some of its jobs wait for others, and some count in batches, which end with a job of theirs. Default: none. */
  readonly ties?: boolean;
  /** Contexts may have fewer features than others (`context.features`): it then says nothing that needs one which is not there. Default: all have all. */
  readonly fewer?: boolean;
  /** Its data may be cleared under it: `seq` then begins anew. Default: it is not. */
  readonly clears?: boolean;
  /**
   * What is wrong with what the handlers did; undefined: nothing. Asked after each step: an answer is a broken promise like any other,
   * of the rule `check`, and ends the run. `completed`: the ids of all jobs that the store has completed so far.
   */
  check?(completed: ReadonlySet<string>): string | undefined;
}

/** What a handler does in an attempt; the last one's also in those after it: `work`. */
const DEEDS = {
  work: 8,
  quick: 8,
  slow: 3,
  fail: 4,
  doom: 1,
  later: 1,
  hold: 0.5,
  release: 1,
  chain: 2,
  progress: 1,
  checkpoint: 2,
  deaf: 1,
  crashOnce: 0.7,
  crash: 0.3,
};
type Deed = keyof typeof DEEDS;

interface Task {
  readonly n: number;
  readonly does: readonly Deed[];
}

/** Few enough that jobs wait for it, quick enough that none waits for long. */
const RATE: Rate = { limit: 3, perMs: 1_000, burst: 2 };

/** Kinds of jobs that touch every rule: failing, slow, deaf, gated, versioned, lifted, renamed ones, lanes, keys, headers and chains. */
export const everyKind: Workload = {
  ties: true,
  fewer: true,
  clears: true,
  limits: { tight: { maxActive: 2 }, rated: { rate: RATE } },
  gates: ({ gate, laterGate }) => ({ gated: gate, asked: laterGate }),
  jobs: ({ release }) => ({
    send: job<Task>({ maxAttempts: 3, backoff: fixed({ delayMs: 1_000 }) }),
    slow: job<Task>({ timeoutMs: 4_000, maxAttempts: 2, concurrency: 1 }),
    tight: job<Task>({ maxAttempts: 2, onLaneDeath: 'halt' }),
    rated: job<Task>({ maxAttempts: 2, backoff: fixed({ delayMs: 10 }) }),
    synced: job<Task>({ maxAttempts: 3, backoff: fixed({ delayMs: 100 }) }),
    gated: job<Task>({ maxAttempts: 2, backoff: fixed({ delayMs: 10 }) }),
    asked: job<Task>({ maxAttempts: 2 }),
    shape: job<Task>({
      maxCrashes: 3,
      ...(release === 1 ? {} : { version: 2, upcast: { 1: (task: Task) => ({ ...task, lifted: true }) } }),
    }),
    [release === 1 ? 'old' : 'renamed']: job<Task>({ maxAttempts: 1 }),
    ...(release > 2 ? { added: job<Task>() } : {}),
  }),
  handlers: (context) => {
    const run = (task: unknown, handling: HandlerContext & CheckpointContext) =>
      perform(task as Task, handling, context);
    return Object.fromEntries(Object.keys(everyKind.jobs(context)).map((name) => [name, run]));
  },
  next: (random, context) => {
    const name = random.pick([...Object.keys(everyKind.jobs(context)), 'synced', 'synced']);
    return { name, payload: nextTask(random), options: sayable(nextOptions(random), context) };
  },
};

/** Most of these call a server, some of them before they do something else. */
const CALLING = 'synced';

function nextTask(random: Random): Task {
  const attempts = random.between(1, 3);
  return {
    n: random.between(0, 999_999),
    does: Array.from({ length: attempts }, () => random.weighted(DEEDS)),
  };
}

function nextOptions(random: Random): EnqueueOptionsWith<KeyOptions & ResultOptions> {
  const key = random.chance(0.2);
  const lane = random.chance(0.3);
  return {
    ...(lane ? { lane: random.pick(['a', 'b']) } : {}),
    ...(lane && random.chance(0.2) ? { onLaneDeath: random.pick(['halt', 'continue'] as const) } : {}),
    ...(random.chance(0.2) ? { rateKey: random.pick(['r', 's']) } : {}),
    ...(random.chance(0.3) ? { target: random.pick(HOSTS) } : {}),
    ...(key ? { idempotencyKey: random.pick(['k', 'l', 'm']) } : {}),
    ...(key ? keyOptions(random) : {}),
    ...(random.chance(0.3) ? { priority: random.pick(['high', 'low', 50, -100] as const) } : {}),
    ...(random.chance(0.2) ? { delayMs: random.spread(20_000) } : {}),
    ...(random.chance(0.15) ? { id: `own-${random.between(1, 12)}` } : {}),
    ...(random.chance(0.2) ? { headers: { origin: random.pick(['a', 'b']) }, tags: ['t'] } : {}),
    ...(random.chance(0.15) ? { maxAgeMs: random.between(1, 30_000) } : {}),
    ...(random.chance(0.1) ? { maxCrashes: random.between(1, 4) } : {}),
    ...(random.chance(0.15) ? { keepResultMs: random.between(1, 60_000) } : {}),
    ...(random.chance(0.1) ? { timeoutMs: random.between(1, 3_000) } : {}),
  };
}

/** What each option needs that is not the kernel's. */
const NEEDS: Readonly<Record<string, string>> = {
  rateKey: 'limits',
  keyForMs: 'keys',
  maxWaitMs: 'keys',
  keepResultMs: 'results',
};

/** What is left of options where some features are not there. */
function sayable(
  options: EnqueueOptionsWith<KeyOptions & ResultOptions>,
  { features }: SimulatedContext,
): EnqueueOptionsWith<KeyOptions & ResultOptions> {
  const can = (needs: string | undefined) => needs === undefined || features.has(needs);
  const left = Object.entries(options).filter(([option]) => can(NEEDS[option]));
  const said = Object.fromEntries(left) as EnqueueOptionsWith<KeyOptions & ResultOptions>;
  const isTimed = said.onDuplicate === 'debounce' || said.onDuplicate === 'throttle';
  return isTimed && !can('keys') ? { ...said, onDuplicate: 'replace' } : said;
}

function keyOptions(random: Random): KeyOptions {
  const onDuplicate = random.pick(['keep', 'replace', 'restart', 'debounce', 'throttle'] as const);
  return {
    onDuplicate,
    ...(onDuplicate === 'throttle' || random.chance(0.3) ? { keyForMs: random.between(1, 20_000) } : {}),
    ...(onDuplicate === 'debounce' && random.chance(0.5) ? { maxWaitMs: random.spread(20_000) } : {}),
  };
}

async function perform(
  task: Task,
  handling: HandlerContext & CheckpointContext,
  context: SimulatedContext,
): Promise<unknown> {
  const { job: running, attempt, signal } = handling;
  const ms = task.n % 200;
  if (running.name === CALLING) await context.request(running.target ?? running.name, signal);
  if (running.name === CALLING && task.n % 5 > 0) return undefined;
  switch (task.does[attempt - 1] ?? 'work') {
    case 'work':
      await context.sleep(ms, signal);
      return { n: task.n };
    case 'quick':
      return undefined;
    case 'slow':
      await context.sleep(5_000 + 50 * ms, signal);
      return undefined;
    case 'fail':
      await context.sleep(ms, signal);
      throw new Error(`attempt ${attempt} fails`);
    case 'doom':
      throw new DeadLetterError('it can never be done');
    case 'later':
      throw new RetryLaterError({ delayMs: 10 * ms });
    case 'hold':
      throw new RetryLaterError({ delayMs: 20 * ms, hold: true });
    case 'release':
      await context.sleep(ms, signal);
      if ((task.n + handling.fence) % 3 === 0) return undefined;
      return handling.release({ delayMs: 5 * ms + 1 });
    case 'chain':
      await context.sleep(ms, signal);
      handling.enqueue('send', { n: task.n + 1, does: ['work'] }, ms % 2 ? { lane: 'a' } : {});
      return undefined;
    case 'checkpoint':
      if (context.features.has('checkpoints')) await handling.checkpoint({ attempt, ms });
      await context.sleep(ms, signal);
      if (task.n % 3 === 0) return { done: ms };
      if (context.features.has('checkpoints')) void handling.checkpoint(`late ${handling.fence}`);
      throw new Error(`attempt ${attempt} fails after its checkpoint`);
    case 'progress':
      handling.progress({ half: ms });
      await handling.extend();
      await context.sleep(ms, signal);
      return undefined;
    case 'deaf':
      await context.sleep(6_000 + 200 * ms);
      return undefined;
    case 'crashOnce':
      await context.sleep(ms, signal);
      if (running.crashes === 0) context.crash();
      return undefined;
    case 'crash':
      context.crash();
      return undefined;
  }
}
