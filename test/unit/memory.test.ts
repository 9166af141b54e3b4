import { memoryBacking, memoryStore } from '../../src/stores/memory/index.ts';
import { describeJobStore } from '../../src/testing/conformance/index.ts';

describeJobStore(
  'memory',
  async () => {
    const backing = memoryBacking();
    const steps = { read: 0, written: 0 };
    return {
      open: async () => memoryStore({ backing, onStep: (kind, rows) => (steps[kind] += rows) }),
      steps: () => ({ ...steps }),
      dispose: async () => {},
    };
  },
  { blobs: true },
);
