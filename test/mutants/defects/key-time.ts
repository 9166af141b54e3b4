import type { Defect } from '../defect.ts';

const file = 'src/core/kernel/key-memory.ts';
const feature = 'src/core/features/keys/keys.ts';
const records = 'src/core/features/keys/held-keys.ts';

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
    file: records,
    replace: ['if (value.until <= sure) rows', 'if (value.until <= sure + 1e6) rows'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a throttled key is never accepted while its job waits',
    file: feature,
    replace: ["? 'follow' : 'keep'", "? 'keep' : 'keep'"],
    caughtBy: ['conformance'],
  },
  {
    name: 'keys are never swept',
    file: records,
    replace: ['if (value.until <= sure) rows', 'if (value.until < 0) rows'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a debounced job keeps its time',
    file: feature,
    replace: ["if (onDuplicate !== 'debounce') return;", "if (onDuplicate !== 'restart') return;"],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is said in words that a page does not know is dropped',
    file: 'src/core/kernel/keyed.ts',
    replace: [
      "return (spec.onDuplicate ?? 'keep') === 'keep' ? 'keep' : 'replace';",
      "return spec.onDuplicate?.startsWith('re') ? 'replace' : 'keep';",
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'what is spent as a job enters is carried by its row',
    file: 'src/core/kernel/new-row.ts',
    replace: [' && !features.spends.some((of) => of.spends.includes(field))', ''],
    caughtBy: ['conformance'],
  },
];
