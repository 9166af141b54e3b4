import type { Defect } from '../defect.ts';

const file = 'src/core/logic/settle.ts';

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
    file: 'src/core/logic/exchange.ts',
    replace: ['if (lease.cancelRequested) yield* drop', 'if (lease.cancelRequested && now < 0) yield* drop'],
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
];
