import { streamOf } from '../logic/owner.ts';
import type { JobStore } from '../store.ts';

/** Methods that do not begin with a request: what they take instead of it, if that names a queue. */
const OTHERS: Readonly<Record<string, 'queue' | 'transaction' | 'nothing'>> = {
  onHint: 'queue',
  nextAt: 'queue',
  enqueueIn: 'transaction',
  signOfLife: 'nothing',
  close: 'nothing',
};

type Call = (...given: unknown[]) => unknown;

/** The store as a queue with an owner uses it: each queue's name is that of the owner's own stream. */
export function ownedStore<Store extends JobStore>(store: Store, owner: string): Store {
  const named = (queue: unknown) => streamOf(String(queue), owner);
  const renamed = (request: unknown) => {
    const { queue, ...rest } = request as { readonly queue: string };
    return { ...rest, queue: named(queue) };
  };
  const owned = (method: string, call: Call): Call => {
    switch (OTHERS[method]) {
      case 'queue':
        return (queue, ...rest) => call(named(queue), ...rest);
      case 'transaction':
        return (transaction, request, ...rest) => call(transaction, renamed(request), ...rest);
      case 'nothing':
        return call;
      default:
        return (request, ...rest) => call(renamed(request), ...rest);
    }
  };
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' && typeof key === 'string'
        ? owned(key, (member as Call).bind(target))
        : member;
    },
  });
}
