import type { Defect } from '../defect.ts';

/** Mistakes at a border between contexts: what an error loses there, and who is believed. */
export const borderDefects: readonly Defect[] = [
  {
    name: 'an error crosses without its issues',
    file: 'src/core/remote/error.ts',
    replace: ['...(issues === undefined ? {} : { issues }),', '...(issues === undefined ? {} : {}),'],
    caughtBy: ['test/unit/crossing-errors.test.ts', 'test/workerd/client.test.ts'],
  },
  {
    name: "what is not holdfast's own crosses with all its fields",
    file: 'src/core/remote/error.ts',
    replace: ['...(isOurs(head) ? factsOf(source) : {}),', '...factsOf(source),'],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'a code of a newer version is no code',
    file: 'src/core/remote/error.ts',
    replace: ['code !== undefined && name === nameOf(code);', "code !== 'Eclipse' && name === nameOf(code);"],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'causes that go round are followed for ever',
    file: 'src/core/remote/error.ts',
    replace: ['{ cause: read(cause, causes - 1) }', '{ cause: read(cause, causes) }'],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'a field of what came hides a method that every error has',
    file: 'src/core/remote/error.ts',
    replace: ['if (key in Error.prototype || NO_FACTS', 'if (NO_FACTS'],
    caughtBy: ['test/unit/crossing-errors.test.ts'],
  },
  {
    name: 'a call is made again for the error of something else than a queue',
    file: 'src/edge/caller.ts',
    replace: [
      'retryable: cause.retryable === true, overloaded: false',
      'retryable: cause !== error, overloaded: false',
    ],
    caughtBy: ['test/workerd/client.test.ts'],
  },
];
