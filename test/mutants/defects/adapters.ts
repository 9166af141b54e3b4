import type { Defect } from '../defect.ts';

export const adapterDefects: readonly Defect[] = [
  {
    name: 'what is no longer shown is read on',
    file: 'src/adapters/live.ts',
    replace: ['        end?.();\n', ''],
    caughtBy: ['test/adapters/vue.test.ts', 'test/adapters/solid.test.ts'],
  },
  {
    name: 'a change during a read is forgotten',
    file: 'src/adapters/live.ts',
    replace: [
      'isStale = true;\n    if (isReading || read === undefined) return;',
      'if (isReading || read === undefined) return;\n    isStale = true;',
    ],
    caughtBy: ['test/unit/live.test.ts'],
  },
  {
    name: 'two values that are not plain are the same',
    file: 'src/adapters/live.ts',
    replace: [
      'if (!(isPlain(a) && isPlain(b))) return false;',
      'if (!(Object(a) === a && Object(b) === b)) return false;',
    ],
    caughtBy: ['test/unit/live.test.ts'],
  },
  {
    name: 'counts are not read for who looks before he subscribes',
    file: 'src/core/operations/watch.ts',
    replace: ['if (isFirst && this.#isWanted)', 'if (!isFirst && this.#isWanted)'],
    caughtBy: ['test/unit/seeing.test.ts'],
  },
];
