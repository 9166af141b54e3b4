import type { Endpoint } from 'comlink';
import { isPort } from './face.ts';

/**
 * An endpoint that lets through only calls of these methods: comlink itself follows any path of properties, and so reaches the constructor
 * of functions. What is refused is dropped: no page of the package sends it.
 */
export function guarded(port: MessagePort, methods: readonly string[]): Endpoint {
  const listeners = new Map<unknown, (event: Event) => void>();
  return {
    postMessage: (message, transfer = []) => port.postMessage(message, transfer),
    addEventListener(type, listener) {
      const guard = (event: Event) => {
        if (!isCall((event as MessageEvent).data, methods)) return;
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      };
      listeners.set(listener, guard);
      port.addEventListener(type, guard);
    },
    removeEventListener(type, listener) {
      const guard = listeners.get(listener);
      listeners.delete(listener);
      if (guard !== undefined) port.removeEventListener(type, guard);
      // Comlink closes what is a port itself.
      port.close();
    },
    start: () => port.start(),
  };
}

function isCall(data: unknown, methods: readonly string[]): boolean {
  const { type, path, argumentList } = Object(data) as Readonly<Record<string, unknown>>;
  if (type === 'RELEASE') return true;
  if (type !== 'APPLY' || !Array.isArray(path) || path.length !== 1) return false;
  return methods.includes(path[0]) && Array.isArray(argumentList) && argumentList.every(isArgument);
}

/** As it is, or a function of the page behind a port. */
function isArgument(argument: unknown): boolean {
  const { type, name, value } = Object(argument) as Readonly<Record<string, unknown>>;
  return type === 'RAW' || (type === 'HANDLER' && name === 'proxy' && isPort(value));
}
