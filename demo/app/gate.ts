/** A condition that must hold for jobs to be claimed; the shape that holdfast takes. */
export interface Gate {
  isOpen(): boolean;
  /** Calls the listener when the gate may have opened or closed; answers the clean-up. */
  subscribe(listener: () => void): () => void;
}

export interface Switch extends Gate {
  set(open: boolean): void;
}

/** A gate that somebody opens and closes. */
export function createSwitch(open: boolean): Switch {
  const listeners = new Set<() => void>();
  let isOpen = open;
  return {
    isOpen: () => isOpen,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      if (next === isOpen) return;
      isOpen = next;
      for (const listener of listeners) listener();
    },
  };
}

/** Open while both are. */
export function both(one: Gate, other: Gate): Gate {
  return {
    isOpen: () => one.isOpen() && other.isOpen(),
    subscribe(listener) {
      const ends = [one.subscribe(listener), other.subscribe(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
