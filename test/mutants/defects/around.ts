import type { Defect } from '../defect.ts';

/** Mistakes of what goes around a job: gates, upcasts, middleware. */
export const aroundDefects: readonly Defect[] = [
  {
    name: 'a queue takes a definition whose schema nothing runs',
    file: 'src/core/queue/feature.ts',
    replace: ['if (definition[option] !== undefined && !use', 'if (definition[option] === null && !use'],
    caughtBy: ['test/unit/schema.test.ts'],
  },
  {
    name: 'only the last step of an upcast is taken',
    file: 'src/core/features/schema/payload-reader.ts',
    replace: ['for (let from = stored; from', 'for (let from = Math.max(stored, version - 1); from'],
    caughtBy: ['test/unit/upcasting.test.ts'],
  },
  {
    name: 'a gate that answers later is open until it does',
    file: 'src/core/features/gates/gate-answers.ts',
    replace: ['isOpen: false,\n      isUnknown: true,', 'isOpen: true,\n      isUnknown: true,'],
    caughtBy: ['test/unit/later-gates.test.ts'],
  },
  {
    name: 'a gate counts by an answer from before it changed',
    file: 'src/core/features/gates/gate-answers.ts',
    replace: ['      if (asked.cancel !== cancel) return;\n', ''],
    caughtBy: ['test/unit/later-gates.test.ts'],
  },
  {
    name: 'a middleware that calls next twice is let through twice',
    file: 'src/core/features/middleware/through.ts',
    replace: ['    if (inner === undefined) {\n      inner =', '    if (depth >= 0) {\n      inner ='],
    caughtBy: ['test/unit/middleware.test.ts'],
  },
  {
    name: 'what a middleware changes is not taken',
    file: 'src/core/features/middleware/through.ts',
    replace: ['change === undefined ? given : around', 'change !== null ? given : around'],
    caughtBy: ['test/unit/middleware.test.ts'],
  },
  {
    name: 'a batch is stored without those whom a middleware keeps waiting',
    file: 'src/core/features/middleware/around-enqueue.ts',
    replace: ['if (this.#missing === 0) this.#accept', 'if (this.#missing >= 0) this.#accept'],
    caughtBy: ['test/unit/middleware.test.ts'],
  },
  {
    name: 'a job does not carry the context of its trace',
    file: 'src/opentelemetry/trace-headers.ts',
    replace: ['  propagation.inject(active, carrier);\n', ''],
    caughtBy: ['test/unit/opentelemetry.test.ts'],
  },
  {
    name: 'an attempt is no child of the enqueue',
    file: 'src/opentelemetry/spans.ts',
    replace: ['const producer = contextOf(job.headers);', 'const producer = contextOf(undefined);'],
    caughtBy: ['test/unit/opentelemetry.test.ts'],
  },
];
