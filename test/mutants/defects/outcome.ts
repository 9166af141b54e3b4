import type { Defect } from '../defect.ts';

/** What handlers throw, and what drains wait for. */
export const outcomeDefects: readonly Defect[] = [
  {
    name: 'a server that failed counts as one that was not reached',
    file: 'src/core/work/http.ts',
    replace: ['status >= 520 && status <= 530', 'status >= 500 && status <= 530'],
    caughtBy: ['test/unit/http.test.ts'],
  },
  {
    name: 'a request that cannot be built counts as a server that was not reached',
    file: 'src/core/work/send.ts',
    replace: [
      'const built = new Request(request, rest);',
      "let built: Request;\n  try {\n    built = new Request(request, rest);\n  } catch {\n    throw new UnreachableError('no answer');\n  }",
    ],
    caughtBy: ['test/unit/send.test.ts'],
  },
  {
    name: 'the sign-in page of a public network counts as an answer',
    file: 'src/core/work/send.ts',
    replace: ['!response.ok || isEmpty(response) || isJson(response)', 'true'],
    caughtBy: ['test/unit/send.test.ts'],
  },
  {
    name: 'a drain that waits forgets what runs elsewhere',
    file: 'src/core/kernel/claim.ts',
    replace: ['if (claim !== mine) elsewhere +=', 'if (claim === mine) elsewhere +='],
    caughtBy: ['conformance', 'test/unit/drain-waiting.test.ts'],
  },
  {
    name: 'a retry now also lifts delays',
    file: 'src/core/kernel/retry-now.ts',
    replace: ['!wasTried(row) || ', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'a retry now forgets all but its first page',
    file: 'src/core/kernel/retry-now.ts',
    replace: ['if (left === 0 && last !== undefined)', 'if (left < 0 && last !== undefined)'],
    caughtBy: ['conformance', 'test/unit/retry-now.test.ts'],
  },
  {
    name: 'a retry now of jobs leaves half of them where they are',
    file: 'src/core/kernel/retry-now.ts',
    replace: [
      'if (claimed.has(row.id) || !wasTried',
      'if (row.seq % 2 === 0 || claimed.has(row.id) || !wasTried',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a drain that is to lift waits for targets as others do',
    file: 'src/core/work/work.ts',
    replace: ['if (lift) loop.lift();', ''],
    caughtBy: ['test/unit/drain-waiting.test.ts'],
  },
  {
    name: 'a drain that waits never loses its patience',
    file: 'src/core/work/patience.ts',
    replace: ['now < endsAt && (', '('],
    caughtBy: ['test/unit/drain-waiting.test.ts'],
  },
];
