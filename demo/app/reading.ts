import type { PageQueue } from './host.ts';
import type { ModelStore } from './model.ts';
import type { Notebook } from './notebook.ts';
import { readQueue } from './queue-snapshot.ts';
import { readServer } from './server-link.ts';

export interface Reading {
  /** Reads notes and queue into the model. Asked again meanwhile, it reads once more. */
  refresh(): Promise<void>;
  /** The model has just learnt of a change at first hand: a reading that began before it is dropped and done again. */
  outdate(): void;
}

export function createReading(model: ModelStore, notebook: Notebook, queue: PageQueue): Reading {
  let edition = 0;
  let reading = false;
  let again = false;
  const readOnce = async (): Promise<void> => {
    const before = edition;
    // Jobs first: a job that is done meanwhile then shows as still syncing, never as lost.
    const snapshot = await readQueue(queue);
    const notes = await notebook.all();
    if (before === edition) model.set({ queue: snapshot, notes });
    else again = true;
  };
  return {
    async refresh() {
      again = true;
      if (reading) return;
      reading = true;
      try {
        while (again) {
          again = false;
          await readOnce();
        }
      } finally {
        reading = false;
      }
    },
    outdate() {
      edition += 1;
    },
  };
}

/** Reads what the server has seen; a server that does not answer is shown as such. */
export async function refreshServer(model: ModelStore): Promise<void> {
  const server = await readServer().catch(() => undefined);
  model.set({ server });
}
