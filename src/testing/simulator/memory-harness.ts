import { runSync } from '../../core/kernel/step.ts';
import { memoryBacking, memoryStore } from '../../stores/memory/index.ts';
import { audit } from './audit.ts';
import { breakPayload } from './break-payload.ts';
import type { SimulationHarness } from './setup.ts';

/** A fresh memory store, its rows audited. */
export async function memoryHarness(): Promise<SimulationHarness> {
  const backing = memoryBacking();
  // Nobody can copy it.
  const unreadable = new WeakMap();
  return {
    open: async () => memoryStore({ backing }),
    audit: async (queue) => {
      const rows = backing.queues.get(queue);
      return rows === undefined ? [] : runSync(audit(rows));
    },
    breakPayload: async (queue, id) => {
      const rows = backing.queues.get(queue);
      if (rows !== undefined) runSync(breakPayload(rows, id, unreadable));
    },
    clear: async () => backing.queues.clear(),
    dispose: async () => {},
  };
}
