/** One suite in a process of its own, with what the command line asked as an argument: answers its parent with the result. */
import type { SuiteName } from './measure.ts';
import { endSteps } from './progress.ts';
import type { Suite, SuiteOptions } from './suite.ts';

const suites: Readonly<Record<SuiteName, () => Promise<Suite>>> = {
  memory: async () => (await import('../memory/suite.ts')).memory,
  indexeddb: async () => (await import('../indexeddb/index.ts')).indexedDBSuite,
  'durable-object': async () => (await import('../durable-object/suite.ts')).durableObject,
  size: async () => (await import('../size/suite.ts')).size,
};

// A parent that was killed wants nothing any more.
process.once('disconnect', () => process.exit(1));
const { name, options } = JSON.parse(process.argv[2] ?? '') as { name: SuiteName; options: SuiteOptions };
const suite = await suites[name]();
const result = await suite.run(options);
endSteps();
process.removeAllListeners('disconnect');
process.send?.(result, () => process.disconnect?.());
