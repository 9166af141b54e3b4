import { assert, asyncModelRun, asyncProperty, commands } from 'fast-check';
import { log } from '../../core/features/log/log.ts';
import type { Store } from '../../core/kernel/store.ts';
import { memoryBacking, memoryStore } from '../../stores/memory/index.ts';
import type { StoreHarness } from '../conformance/harness.ts';
import { everyFeature } from '../every-feature.ts';
import { storeCalls } from '../store-calls.ts';
import { walkCommands } from './commands.ts';
import { endWalk } from './ending.ts';
import { type Openings, Walk } from './walk.ts';

export const LIMIT_MS = 600_000;

export interface ModelOptions {
  /** Random walks, each in a queue of its own. Default 1,000. */
  readonly runs?: number;
  /** Operations that a walk has at most, before it is brought to its end. Default 30. */
  readonly operations?: number;
  /** Other walks for another number. Default 1: the same ones each time. */
  readonly seed?: number;
  /** What a failure printed as `path` and `replayPath`: goes to the smallest walk that failed at once. */
  readonly replay?: { readonly path: string; readonly replayPath?: string };
  /** Stops there, looking for the smallest walk included, and counts as failed. Default 600,000. */
  readonly limitMs?: number;
}

/**
 * Rejects when a store does not answer as the memory store does: random walks over all operations, on two openings of
 * each, with a clock that also jumps. After every operation the memory store is held to the laws of the contract, and at the
 * end of a walk every job must come to an end. Works under any test runner; `describeModel` is the same for vitest. Needs
 * fast-check, 4 or later.
 *
 * The error tells the smallest walk that fails: every request, instant and answer, to be written down as a test, and
 * `seed`, `path` and `replayPath`. Given back, they run that walk alone:
 * `runModel(create, { seed: 7, replay: { path: '12:3:0', replayPath: 'ABA:F' } })`.
 * @param create called once; the harness is disposed of in the end
 */
export async function runModel(
  create: () => Promise<StoreHarness>,
  options: ModelOptions = {},
): Promise<void> {
  const { runs = 1_000, operations = 30, seed = 1, replay, limitMs = LIMIT_MS } = options;
  const harness = await create();
  try {
    await assert(walks(await openings(harness), operations, replay?.replayPath), {
      numRuns: runs,
      seed,
      ...(replay && { path: replay.path, endOnFailure: true }),
      interruptAfterTimeLimit: limitMs,
      markInterruptAsFailure: true,
    });
  } finally {
    await harness.dispose();
  }
}

/** Few, so that a walk fills it. */
const LOG_SIZE = 10;

const logging = (store: Store) => storeCalls(store, [...everyFeature(), log({ size: LOG_SIZE })]);

async function openings(harness: StoreHarness): Promise<Openings> {
  const backing = memoryBacking();
  return {
    reference: [memoryStore({ backing }), memoryStore({ backing })].map(logging),
    tested: [await harness.open(), await harness.open()].map(logging),
  };
}

function walks(stores: Openings, maxCommands: number, replayPath: string | undefined) {
  let queues = 0;
  const drawn = commands(walkCommands, { maxCommands, size: 'max', ...(replayPath && { replayPath }) });
  return asyncProperty(drawn, async (steps) => {
    queues += 1;
    const walk = await Walk.begin(stores, `walk ${queues}`);
    await asyncModelRun(() => ({ model: walk, real: undefined }), steps);
    await walk.compareStates();
    await endWalk(walk);
  });
}
