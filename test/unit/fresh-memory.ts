import { memoryBacking, memoryStore } from '../../src/stores/memory/index.ts';
import type { StoreHarness } from '../../src/testing/conformance/harness.ts';
import { countedStore } from '../../src/testing/counted-store.ts';

/** New rows in memory, opened as often as it takes. */
export async function freshMemory(): Promise<StoreHarness> {
  const backing = memoryBacking();
  const steps = { read: 0, written: 0 };
  return {
    open: async () => countedStore(memoryStore({ backing }), (kind, rows) => (steps[kind] += rows)),
    steps: () => ({ ...steps }),
    dispose: async () => {},
  };
}
