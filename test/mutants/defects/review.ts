import type { Defect } from '../defect.ts';

/** Who waits, asks or is told of something that is not so. */
export const reviewDefects: readonly Defect[] = [
  {
    name: 'a gate that answered later once is not believed when it answers at once',
    file: 'src/core/features/gates/gate-answers.ts',
    replace: ['      this.#forget(gate);\n      return answer', '      return answer'],
    caughtBy: ['test/unit/later-gates.test.ts'],
  },
  {
    name: 'a gate that throws after a change keeps a drain waiting',
    file: 'src/core/features/gates/gate-answers.ts',
    replace: ['      this.#forget(gate);\n      this.#fail(', '      this.#fail('],
    caughtBy: ['test/unit/later-gates.test.ts'],
  },
  {
    name: 'a drain whose jobs are spent says that nothing waits',
    file: 'src/core/work/worker.ts',
    replace: [
      'if (this.#jobsLeft <= 0) this.#patience?.cutOff',
      "if (this.#state === 'over') this.#patience?.cutOff",
    ],
    caughtBy: ['test/unit/drain-waiting.test.ts'],
  },
  {
    name: 'a drain that was stopped before it heard anything says that nothing waits',
    file: 'src/core/work/worker.ts',
    replace: ['    this.#patience?.over(this.#now());\n', ''],
    caughtBy: ['test/unit/drain-waiting.test.ts'],
  },
  {
    name: 'a drain that is stopped in the middle of a claim says that what goes back is due when its lease would have ended',
    file: 'src/core/work/patience.ts',
    replace: ['if (!this.#isCutOff) this.#nextAt', 'this.#nextAt'],
    caughtBy: ['test/unit/drain-waiting.test.ts'],
  },
  {
    name: 'a worker without slots for a target is told to ask again at once',
    file: 'src/core/kernel/probe.ts',
    replace: ['budget === 0 && gate?.budget !== 0', 'budget === 0 && gate === undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a worker that takes a few jobs of a target does not hear when the next is due',
    file: 'src/core/kernel/probe.ts',
    replace: ['(gate?.nextAt ?? now);', '(gate?.nextAt ?? Number.POSITIVE_INFINITY);'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a worker pauses while rows are gone through as the clock was set back',
    file: 'src/core/work/worker.ts',
    replace: [' || goesOn === true', ' || goesOn === null'],
    caughtBy: ['test/unit/clock.test.ts'],
  },
  {
    name: 'a transaction that stands still when its store is closed is waited for without end',
    file: 'src/stores/indexeddb/open-transactions.ts',
    replace: ['    if (this.#open.size > 0) return;\n', ''],
    caughtBy: ['test/unit/blocked.test.ts'],
  },
  {
    name: 'who aborts a request by its own signal is told that nobody was reached',
    file: 'src/core/work/send.ts',
    replace: ["typeof request === 'object' && 'signal' in request", 'Number(request) > 0'],
    caughtBy: ['test/unit/send.test.ts'],
  },
  {
    name: 'a target that asks for years is closed for years',
    file: 'src/core/work/reach.ts',
    replace: ['Math.min(MAX_ASKED_MS, Math.ceil(asked))', 'Math.ceil(asked)'],
    caughtBy: ['test/unit/send.test.ts'],
  },
  {
    name: 'a look at a row that cannot be read is waited for without end',
    file: 'src/stores/indexeddb/lost-rows.ts',
    replace: [
      'return this.#until(transaction, ask(transaction.objectStore(store)));',
      'return ask(transaction.objectStore(store));',
    ],
    caughtBy: ['test/unit/blocked.test.ts'],
  },
  {
    name: 'a row that could not be looked at is taken for lost',
    file: 'src/stores/indexeddb/lost-rows.ts',
    replace: ['      throwIfBlocked(error);\n      lost.set', '      lost.set'],
    caughtBy: ['test/unit/blocked.test.ts'],
  },
  {
    name: 'handlers that never end fill the memory',
    file: 'src/core/work/left.ts',
    replace: ['    for (const id of this.#those.keys()) this.#find(id, at);\n', ''],
    caughtBy: ['test/unit/bounded-memory.test.ts'],
  },
  {
    name: 'targets that a worker does not reach fill the memory',
    file: 'src/core/work/apart.ts',
    replace: ['known === undefined && this.#streaks.size', 'known !== undefined && this.#streaks.size'],
    caughtBy: ['test/unit/bounded-memory.test.ts'],
  },
];
