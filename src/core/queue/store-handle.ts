import { StoreClosedError } from '../kernel/errors.ts';

interface Closable {
  close(): Promise<void>;
}

/** A store as one user has it. */
export interface StoreHandle<Store> {
  readonly store: Store;
  /** From now on the store stays open for this user. Not before nothing can fail any more: who never closes keeps it open. */
  join(): void;
}

/**
 * Several queues and enqueuers may share one store object. Once one of them is closed, its handle rejects with StoreClosedError; who is
 * closed last closes the store itself. Who owns the store may close it before, for all.
 * @param what is closed, as an error names it
 */
export function storeHandle<Store extends Closable>(store: Store, what: string): StoreHandle<Store> {
  const users = usersOf(store);
  const user = {};
  let isClosed = false;
  const close = (): Promise<void> => {
    isClosed = true;
    users.delete(user);
    return users.size === 0 ? store.close() : Promise.resolve();
  };
  const handle = new Proxy(user as Store, {
    get(_, name) {
      if (name === 'close') return close;
      const method: unknown = Reflect.get(store, name);
      if (typeof method !== 'function') return method;
      if (isClosed) return CLOSED[name] ?? (() => refusal(what));
      return method.bind(store);
    },
    has: (_, name) => Reflect.has(store, name),
  });
  return { store: handle, join: () => users.add(user) };
}

/** What is not asked by a call, but heard or waited for: nothing more comes. */
const CLOSED: Readonly<Record<PropertyKey, () => unknown>> = {
  onHint: () => () => undefined,
  onNotice: () => () => undefined,
  watchRoom: () => () => undefined,
  untilAwake: () => undefined,
};

const refusal = (what: string): Promise<never> => Promise.reject(new StoreClosedError(what));

/** By the store itself, as nothing of a user's own object is changed, and that may be frozen or a proxy. */
// biome-ignore lint/plugin: what it says of a store goes with the store, which has no place for it
const usersByStore = new WeakMap<object, Set<object>>();

function usersOf(store: object): Set<object> {
  const users = usersByStore.get(store) ?? new Set<object>();
  usersByStore.set(store, users);
  return users;
}
