import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/set-back.ts';

/** Lengths of time that outlast themselves once a clock that was wrong is right. */
export const relativeDefects: readonly Defect[] = [
  {
    name: 'what was due by a clock that was ahead waits for its whole length again',
    file,
    replace: ['  if (due <= through) return Math.max(1, at);\n', ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'what was not due by a clock that was ahead stays at its instant',
    file,
    replace: ['due : instant, at + waitMs)', 'due : instant)'],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'an instant that somebody named is pulled forward with the others',
    file,
    replace: ['  if (named) return', '  if (named && runAt < 0) return'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job whose turn came by the wrong clock waits for its whole delay again',
    file,
    replace: ['isPutOff(row) ? due : instant, at', 'due, at'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a stopping worker gives a job back until an instant of the wrong clock',
    file: 'src/core/work/verdict.ts',
    replace: ['  runAt: Math.min(runAt, now),\n  waitMs: 0,\n', '  runAt: Math.min(runAt, now),\n'],
    caughtBy: ['test/unit/clock.test.ts'],
  },
  {
    name: 'what the right clock has set meanwhile is taken for wrong',
    file,
    replace: ['at >= setBack.at && at <= control.lastNow', 'at === setBack.at'],
    caughtBy: ['conformance'],
  },
  {
    name: 'parked jobs keep what a clock that was ahead gave them',
    file,
    replace: ['    rows.park(right);\n  }\n', '  }\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'an age outlasts a clock that was ahead',
    file,
    replace: ['  const expiresAt = rightExpiry(row, due, going);\n', '  const { expiresAt } = row;\n'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the lease of a job does not hear of its age',
    file,
    replace: ['Object.assign(lease, { expiresAt: right.expiresAt });', 'Object.assign(lease, {});'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a key outlasts a clock that was ahead',
    file,
    replace: ["goThroughRecords('key', rightHeld)", "goThroughRecords('key', () => undefined)"],
    caughtBy: ['conformance'],
  },
  {
    name: 'an id is remembered by a clock that was ahead',
    file,
    replace: ['    rows.putFinal({ ...row, finishedAt: at });', '    rows.putFinal(row);'],
    caughtBy: ['conformance'],
  },
  {
    name: 'all that waits is gone through in one call',
    file,
    replace: ['const MAX_ROWS = 512;', 'const MAX_ROWS = 1e9;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a part is gone through, and the rest forgotten',
    file,
    replace: ['phases[part.after === undefined ? at + 1 : at]', 'phases[at + 1]'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a backoff is as long as the wrong clock said when it is written by the right one',
    file: 'src/core/kernel/settle.ts',
    replace: [
      'waitMs === undefined ? at : Math.min(at, now + waitMs);',
      'waitMs === undefined ? at : at + 0 * now;',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a backoff does not know its length',
    file: 'src/core/kernel/lease-ends.ts',
    replace: [
      'waitMs === 0 ? timed : { ...timed, waitMs }',
      'waitMs === 0 ? timed : { ...timed, named: true }',
    ],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'a worker says until when a failed job waits, and not how long',
    file: 'src/core/work/verdict.ts',
    replace: [
      "return { kind: 'retry', runAt: now + waitMs, waitMs, error };",
      "return { kind: 'retry', runAt: now + waitMs, error };",
    ],
    caughtBy: ['test/unit/clock.test.ts'],
  },
  {
    name: 'a clock that jumped is believed at once',
    file: 'src/core/kernel/jump.ts',
    replace: ['jump === undefined ? now : Math.min', 'jump !== undefined ? now : Math.min'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a clock that jumped is in doubt for ever',
    file: 'src/core/kernel/jump.ts',
    replace: ['now - jump.at < DOUBT_MS', 'now - jump.at < Number.MAX_SAFE_INTEGER'],
    caughtBy: ['conformance'],
  },
  {
    name: 'who looks seldom is in doubt for ever',
    file: 'src/core/kernel/jump.ts',
    replace: ['jump !== undefined && !jump.again && lastNow', 'jump !== undefined && lastNow'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is too old by a clock that is in doubt keeps those behind it waiting',
    file: 'src/core/kernel/claim.ts',
    replace: ['  if (claiming.doubts === 0) {', '  if (claiming.doubts >= 0) {'],
    caughtBy: ['conformance'],
  },
  {
    name: 'what was passed by as its age was in doubt is not found again',
    file: 'src/core/kernel/claim.ts',
    replace: ['  for (const [stream, first] of claiming.doubted) sinkBelow(stream, first);\n', ''],
    caughtBy: ['conformance', 'simulator'],
  },
  {
    name: 'keys are dropped by a clock that is in doubt',
    file: 'src/core/features/keys/keys.ts',
    replace: [
      'sweeps: sweepKeys,',
      'sweeps: (rows, control, limit) => sweepKeys(rows, control, limit, control.lastNow),',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'ids are forgotten by a clock that is in doubt',
    file: 'src/core/kernel/settle.ts',
    replace: [
      'forget(rows, control, sureNow(control, now),',
      'forget(rows, control, Math.max(now, sureNow(control, now)),',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'holds end by a clock that is in doubt',
    file: 'src/core/kernel/claim.ts',
    replace: ['endHolds(control, sureNow(control, now))', 'endHolds(control, now)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that was begun by a clock that was ahead goes back to where only that would begin it',
    file: 'src/core/kernel/lease-ends.ts',
    replace: ['if (from.due > control.lastNow)', 'if (from.due > Number.MAX_VALUE)'],
    caughtBy: ['conformance'],
  },
];
