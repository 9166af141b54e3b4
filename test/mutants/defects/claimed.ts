import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/lease-ends.ts';

/** What was claimed and has not begun. */
export const claimedDefects: readonly Defect[] = [
  {
    name: 'low water does not sink to a job that goes back unbegun',
    file,
    replace: ['  enterStream(control, lease);\n', ''],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'the row of a job that goes back unbegun is written again',
    file,
    replace: ['if (lease.due > control.lastNow) {', 'if (lease.due >= 0) {'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the age of a job that goes back unbegun is forgotten',
    file,
    replace: ['  yield* watchAgeAgain(rows, control, lease);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that was asked to stop goes back unbegun after a lost answer',
    file: 'src/core/kernel/exchange.ts',
    replace: [
      'if (isCancelled(lease, true)) yield* drop',
      'if (isCancelled(lease, true) && now < 0) yield* drop',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the memory store does not look again at what low water has sunk to',
    file: 'src/stores/memory/line.ts',
    replace: [
      'if (before(lowWater, this.#cutAt)) ',
      'if (before(lowWater, this.#cutAt) && lowWater.due < 0) ',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a hold is not told to who has claimed ahead',
    file: 'src/core/kernel/begin.ts',
    replace: [' || heldUntil(control, lease.name) > Math.max(now, control.lastNow)', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a clear leaves what is claimed and has not begun',
    file: 'src/core/kernel/begin.ts',
    replace: ['lease.cancelRequested || lease.cleared', 'lease.cancelRequested'],
    caughtBy: ['conformance', 'test/unit/unbegun.test.ts'],
  },
  {
    name: 'a job that is told to go back begins all the same',
    file: 'src/core/work/beat.ts',
    replace: ["answered('goesBack')", "answered('stale again')"],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'what is claimed ahead begins while a word that was heard has not been asked about',
    file: 'src/core/work/worker.ts',
    replace: ['this.#hearsay.isOpen || ', ''],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'an exchange does not say what must go back',
    file: 'src/core/work/worker.ts',
    replace: ['this.#runner.giveBackIds(answer.goBack ?? []);', ''],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'a hold is in force here only when the store has it',
    file: 'src/core/work/coming-holds.ts',
    replace: ['    this.#holds.add(hold);\n', ''],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'a second stop does not hurry the first',
    file: 'src/core/work/worker.ts',
    replace: [
      "if (this.#state === 'over') return;",
      "if (this.#state === 'over' || this.#mode === 'stop') return;",
    ],
    caughtBy: ['test/unit/stopping.test.ts'],
  },
  {
    name: 'a context that is spread is empty',
    file: 'src/core/work/run-context.ts',
    replace: ['ownKeys: () => Object.keys(parts)', 'ownKeys: () => []'],
    caughtBy: ['test/unit/context.test.ts'],
  },
  {
    name: 'an attempt of a rate begins however late',
    file: 'src/core/features/limits/worker.ts',
    replace: ['return now <= beginBy;', 'return true;'],
    caughtBy: ['test/unit/rates.test.ts'],
  },
  {
    name: 'a token that is not paid for is not counted',
    file: 'src/core/features/limits/rate.ts',
    replace: ['at = Math.max(at, begin) + intervalOf(rate)', 'at = Math.max(at, begin - now)'],
    caughtBy: ['conformance', 'test/unit/rates.test.ts'],
  },
  {
    name: 'a token is paid by the instant of the claim',
    file: 'src/core/features/limits/rate-line.ts',
    replace: ['const pays = { by: now + withinMs,', 'const pays = { by: now,'],
    caughtBy: ['conformance', 'test/unit/rates.test.ts'],
  },
  {
    name: 'what goes back unbegun pays its token',
    file: 'src/core/kernel/settle.ts',
    replace: ["if (settlement.outcome.kind !== 'unbegun')", 'if (settlement !== undefined)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an attempt that is known to have begun pays nothing',
    file: 'src/core/features/limits/rate.ts',
    replace: ['Math.max(paidAt, at) + intervalMs', 'Math.max(paidAt, at)'],
    caughtBy: ['simulator', 'conformance'],
  },
  {
    name: 'a handler that never ends keeps its job back for ever',
    file: 'src/core/work/left.ts',
    replace: ['if (now < one.at + one.limitMs) return one;', 'if (one.limitMs > 0) return one;'],
    caughtBy: ['test/unit/stuck-handlers.test.ts'],
  },
  {
    name: 'a job that is kept back comes back long after its limit',
    file: 'src/core/work/left.ts',
    replace: ['Math.min(again, one.at + one.limitMs - now)', 'again'],
    caughtBy: ['test/unit/stuck-handlers.test.ts'],
  },
  {
    name: 'a handler that outlives its attempt keeps nobody waiting',
    file: 'src/core/work/left.ts',
    replace: ['    this.#those.set(attempt.id, one);\n', ''],
    caughtBy: ['simulator', 'test/unit/stuck-handlers.test.ts'],
  },
  {
    name: 'a handler that outlives its attempt is told each time its job is kept back',
    file: 'src/core/work/left.ts',
    replace: ['    one.told = true;\n', ''],
    caughtBy: ['test/unit/stuck-handlers.test.ts'],
  },
  {
    name: 'explain does not say that the last handler still runs',
    file: 'src/core/operations/explain.ts',
    replace: ['if (since !== undefined) waits', 'if (since === 0) waits'],
    caughtBy: ['test/unit/stuck-handlers.test.ts'],
  },
  {
    name: 'jobs of two priorities share one low water',
    file: 'src/core/kernel/control.ts',
    replace: ['      stream.rank === rank &&\n', ''],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a heartbeat beside an exchange counts as asking about what that brings',
    file: 'src/core/work/worker.ts',
    replace: ['if (answer.jobs.length > 0 && this.#hearsay.mark > mark)', 'if (this.#failures > 0)'],
    caughtBy: ['test/unit/unbegun.test.ts'],
  },
  {
    name: 'of two outcomes of a job, the last alone says that its worker knows the lease',
    file: 'src/core/kernel/exchange.ts',
    replace: [
      'request.settle.some((one) => one.id === id && one.fence === fence)',
      'request.settle.findLast((one) => one.id === id)?.fence === fence',
    ],
    caughtBy: ['conformance'],
  },
];
