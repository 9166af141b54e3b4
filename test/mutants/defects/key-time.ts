import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/key-memory.ts';

export const keyTimeDefects: readonly Defect[] = [
  {
    name: 'a key is not held beyond its job',
    file,
    replace: ['held.until > now ? held.id : undefined', 'held.until > now + 1e15 ? held.id : undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a key is held for ever',
    file,
    replace: ['held.until > now ? held.id : undefined', 'held.until > 0 ? held.id : undefined'],
    caughtBy: ['conformance'],
  },
  {
    name: 'who takes a job away leaves its key held',
    file,
    replace: ["if (held?.id === job.id) rows.dropRecord('key', key);", ''],
    caughtBy: ['conformance'],
  },
  {
    name: 'who takes a job away frees the key of another',
    file,
    replace: ['if (held?.id === job.id) rows', 'if (held !== undefined) rows'],
    caughtBy: ['conformance'],
  },
  {
    name: 'keys are swept before their time',
    file,
    replace: ['if (value.until <= sure) rows', 'if (value.until <= sure + 1e6) rows'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a throttled key is never accepted while its job waits',
    file: 'src/core/kernel/keyed.ts',
    replace: ["spec.onDuplicate === 'throttle' && isPast", "spec.onDuplicate === 'keep' && isPast"],
    caughtBy: ['conformance'],
  },
  {
    name: 'keys are never swept',
    file,
    replace: ['if (value.until <= sure) rows', 'if (value.until < 0) rows'],
    caughtBy: ['conformance'],
  },
];
