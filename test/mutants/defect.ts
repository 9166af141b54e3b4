/** A test file, for what no proof over all stores sees: what goes around jobs, what only one store has. */
export type TestFile = `test/${'unit' | 'workerd' | 'adapters'}/${string}.test.ts`;

/** What can catch a defect: the simulator, the conformance suite of the store, the comparison of two stores by the model test, or tests. */
export type Proof = 'simulator' | 'conformance' | 'model' | TestFile;

/** A mistake that somebody could make, as a change of one place of the source. */
export interface Defect {
  /** What is wrong then, as a sentence. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** A text that is there exactly once, and the one to put in its place. It must still be valid TypeScript. */
  readonly replace: readonly [right: string, wrong: string];
  /** Each of these has to catch it. */
  readonly caughtBy: readonly Proof[];
}

/** The store whose conformance suite is asked: that of a defect in a store, the memory store's for what all share. */
export type ProvenStore = 'memory' | 'fake-indexeddb' | 'durable-object';

export function provenStore({ file }: Defect): ProvenStore {
  if (file.startsWith('src/stores/indexeddb/')) return 'fake-indexeddb';
  return file.startsWith('src/stores/durable-object/') ? 'durable-object' : 'memory';
}
