import type { Defect } from '../defect.ts';

export const seeingDefects: readonly Defect[] = [
  {
    name: 'a worker is at work since it was last heard of',
    file: 'src/core/kernel/active-workers.ts',
    replace: ['{ ...worker, since }', '{ ...worker, since: seenAt }'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a hold that is over is told',
    file: 'src/core/kernel/control.ts',
    replace: ['filter(([, until]) => until > now)', 'filter(([, until]) => until > 0)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a paused name is claimed',
    file: 'src/core/kernel/claim.ts',
    replace: ['if (isPaused(control, name)) return false;', 'if (control.paused) return false;'],
    caughtBy: ['conformance'],
  },
  {
    name: 'resuming a name resumes the queue',
    file: 'src/core/kernel/pause.ts',
    replace: [
      '  else setNamePaused(control, name, paused);',
      '  else {\n    control.paused = paused;\n    setNamePaused(control, name, paused);\n  }',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the log loses its last transitions instead of its first',
    file: 'src/core/features/log/entries.ts',
    replace: ['<= logged - size + 1)', '>= logged - size + 1)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'the age of the next job is that of a claimed one',
    file: 'src/core/kernel/stats.ts',
    replace: ['{ ...stream }, claimed, now', '{ ...stream }, new Set(), now'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job that is not due is explained by nothing',
    file: 'src/core/kernel/explain.ts',
    replace: ['if (row.due > now && row.spared', 'if (row.due < 0 && row.spared'],
    caughtBy: ['conformance'],
  },
  {
    name: 'whoever was once at work is believed to be there for ever',
    file: 'src/core/kernel/worked.ts',
    replace: [
      '  until > now && until <= now + BELIEVED_MS + CLOCK_STEP_MS;',
      '  until > 0 && until <= now + BELIEVED_MS + CLOCK_STEP_MS;',
    ],
    caughtBy: ['conformance', 'test/unit/seeing.test.ts'],
  },
  {
    name: 'a mark from a clock that was ahead is believed',
    file: 'src/core/kernel/worked.ts',
    replace: [
      'until > now && until <= now + BELIEVED_MS + CLOCK_STEP_MS;',
      'until > now && until <= now + 99 * BELIEVED_MS;',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'the clock is set back and marks last longer for it',
    file: 'src/core/kernel/clock.ts',
    replace: [
      '  followMarks(control, correction);',
      '  followMarks(control, correction.slice(correction.length));',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a mark says nothing of the payloads that are understood',
    file: 'src/core/kernel/worked.ts',
    replace: ['understood >= version && mark', 'understood >= 0 && mark'],
    caughtBy: ['conformance', 'test/unit/seeing.test.ts'],
  },
  {
    name: 'marks are written by each exchange',
    file: 'src/core/kernel/worked.ts',
    replace: ['if (!isFresh(control.worked?.[mark] ?? 0, now)) {', 'if (mark && control) {'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a worker behind closed gates is taken for gone',
    file: 'src/core/work/worker.ts',
    replace: ['claim === undefined && !this.#isUnseen)', 'claim === undefined)'],
    caughtBy: ['test/unit/seeing.test.ts'],
  },
  {
    name: 'a worker that was there before the queue is not known',
    file: 'src/core/work/worker.ts',
    replace: ['if (!answer.unseen) this.#seenAt = at;', 'this.#seenAt = at;'],
    caughtBy: ['test/unit/seeing.test.ts'],
  },
  {
    name: 'an object whose alarm works has no worker',
    file: 'src/edge/durable-object-queue.ts',
    replace: ['context.add({ runs });', 'context.add({});'],
    caughtBy: ['test/workerd/explain.test.ts'],
  },
  {
    name: 'a gate that keeps an alarm from a job is not named',
    file: 'src/edge/durable-object-queue.ts',
    replace: [
      'Object.hasOwn(handled(), name) ? (closedBy(hooks, name) ?? true) : undefined',
      'Object.hasOwn(handled(), name) || undefined',
    ],
    caughtBy: ['test/workerd/explain.test.ts'],
  },
];
