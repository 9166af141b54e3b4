import type { ServerLog } from '../server/protocol.ts';
import type { HostState } from './host.ts';
import type { Note } from './note.ts';
import { EMPTY, type QueueSnapshot } from './queue-snapshot.ts';

export interface Activity {
  readonly id: number;
  readonly at: number;
  readonly words: string;
}

/** What the user is told, and what can be done about it. */
export interface Status {
  readonly words: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Everything that the page shows. */
export interface Model {
  /** Latest edit first; undefined until the database was read. */
  readonly notes?: readonly Note[];
  readonly queue: QueueSnapshot;
  /** The chosen note; it may be a new one that has no text yet. */
  readonly chosen?: string | undefined;
  /** What a narrow screen shows. */
  readonly place: 'list' | 'note' | 'sync';
  readonly search: string;
  readonly browserOnline: boolean;
  readonly host: HostState;
  /** Absent until the server answered. */
  readonly server?: ServerLog | undefined;
  /** Latest first. */
  readonly activity: readonly Activity[];
  readonly status: Status;
  readonly now: number;
}

export const isOnline = ({ queue, browserOnline }: Model): boolean => !queue.switchedOff && browserOnline;

/** How many changes are not on the server yet, and on their way. */
export const unsent = ({ queue: { counts } }: Model): number =>
  counts.waiting + counts.running + counts.retrying;

export interface ModelStore {
  get(): Model;
  set(change: Partial<Model>): void;
  /** Paints what was set, at once: for whoever needs the page as it will be, to give the focus to a field, say. */
  paint(): void;
}

/** Keeps the model and paints after changes, once for those of the same turn. */
export function createModel(first: Pick<Model, 'browserOnline'>, paint: (model: Model) => void): ModelStore {
  let model: Model = {
    ...first,
    queue: EMPTY,
    place: 'list',
    search: '',
    host: 'starting',
    activity: [],
    status: { words: '' },
    now: Date.now(),
  };
  let waiting = false;
  const paintOnce = (): void => {
    if (!waiting) return;
    waiting = false;
    paint(model);
  };
  return {
    get: () => model,
    paint: paintOnce,
    set(change) {
      model = { ...model, ...change, now: Date.now() };
      if (waiting) return;
      waiting = true;
      // Not an animation frame: a tab in the background has none, and what it shows should be true when it is looked at.
      queueMicrotask(paintOnce);
    },
  };
}
