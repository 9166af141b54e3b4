import type { Defect } from '../defect.ts';

export const kitDefects: readonly Defect[] = [
  {
    name: 'the clock overtakes what needs no timer',
    file: 'src/testing/fake-environment.ts',
    replace: ['turn < TURNS && !isSettled', 'turn < 1 && !isSettled'],
    caughtBy: ['test/unit/environment.test.ts'],
  },
  {
    name: 'a part that is expected and missing is no difference',
    file: 'src/testing/kit/partial-match.ts',
    replace: ['const isWhole = !isPlain(expected);', 'const isWhole = false;'],
    caughtBy: ['test/unit/expect-enqueued.test.ts'],
  },
  {
    name: 'what cannot run is drained for ever',
    file: 'src/testing/kit/drain-all.ts',
    replace: ['{ nextAt, ...done }', '{ nextAt = clock.now(), ...done }'],
    caughtBy: ['test/unit/drain-all.test.ts'],
  },
  {
    name: 'an attempt that does not count is said to count',
    file: 'src/testing/kit/tested-attempt.ts',
    replace: [
      'const { error, counted = true } = event;',
      'const { error } = event;\n        const counted = true as boolean;',
    ],
    caughtBy: ['test/unit/run-job.test.ts'],
  },
];
