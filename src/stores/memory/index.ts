import { StoreClosedError } from '../../core/kernel/errors.ts';
import { runSync } from '../../core/kernel/step.ts';
import type { Hint, Store } from '../../core/kernel/store.ts';
import { MemoryRows, memoryCodec } from './memory-rows.ts';

interface Opening {
  readonly tell: (queue: string, hint: Hint) => void;
}

/** What several openings of one memory store share. */
export interface MemoryBacking {
  readonly queues: Map<string, MemoryRows>;
  readonly openings: Set<Opening>;
}

export function memoryBacking(): MemoryBacking {
  return { queues: new Map(), openings: new Set() };
}

export interface MemoryStoreOptions {
  /** Share rows with other openings; default: a store of its own. */
  readonly backing?: MemoryBacking;
}

/**
 * Makes a store in memory, for tests and for servers that may forget. It keeps every rule of the other stores but one: its jobs end with the
 * process.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const backing = options.backing ?? memoryBacking();
  const listeners = new Map<string, Set<(hint: Hint) => void>>();
  const opening: Opening = {
    tell: (queue, hint) => {
      for (const listener of listeners.get(queue) ?? []) listener(hint);
    },
  };
  backing.openings.add(opening);

  const rowsOf = (queue: string): MemoryRows => {
    let rows = backing.queues.get(queue);
    if (rows === undefined) {
      rows = new MemoryRows(queue, () => backing.queues.delete(queue));
      backing.queues.set(queue, rows);
    }
    return rows;
  };

  return {
    codec: memoryCodec,
    async transact({ queue, run, hint }) {
      if (!backing.openings.has(opening)) throw new StoreClosedError('the memory store');
      const answer = runSync(run(rowsOf(queue)));
      const told = hint?.(answer);
      if (told !== undefined)
        for (const other of backing.openings) if (other !== opening) other.tell(queue, told);
      return answer;
    },
    onHint(queue, listener) {
      const those = listeners.get(queue) ?? new Set();
      listeners.set(queue, those.add(listener));
      return () => those.delete(listener);
    },
    async close() {
      backing.openings.delete(opening);
    },
  };
}
