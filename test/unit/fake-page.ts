import { Window } from 'happy-dom';
import { vi } from 'vitest';

/** What a page of happy-dom says of itself, and how many listeners it has. To be undone by `vi.unstubAllGlobals`. */
export function fakePage() {
  const window = new Window({ url: 'https://notes.example/' });
  const listeners: string[] = [];
  const said = { visibilityState: 'visible', onLine: true, connection: undefined as unknown };
  const counted = <T extends object>(source: T): T => {
    const target = source as unknown as EventTarget;
    for (const method of ['addEventListener', 'removeEventListener'] as const) {
      const own = target[method].bind(target);
      target[method] = (type: string, listener: never) => {
        if (method === 'addEventListener') listeners.push(type);
        else listeners.splice(listeners.indexOf(type), 1);
        own(type, listener);
      };
    }
    return source;
  };
  counted(window);
  counted(window.document);
  Object.defineProperty(window.document, 'visibilityState', { get: () => said.visibilityState });
  Object.defineProperty(window.navigator, 'onLine', { get: () => said.onLine });
  Object.defineProperty(window.navigator, 'connection', { get: () => said.connection });
  vi.stubGlobal('document', window.document);
  vi.stubGlobal('navigator', window.navigator);
  vi.stubGlobal('addEventListener', window.addEventListener);
  vi.stubGlobal('removeEventListener', window.removeEventListener);
  return {
    listeners,
    navigator: window.navigator as unknown as Record<string, unknown>,
    /** An object that events come from: its fields may be changed. */
    source: <Fields extends object>(fields: Fields) =>
      counted(Object.assign(new window.EventTarget(), fields)) as unknown as Fields,
    connect(connection: object) {
      said.connection = connection;
    },
    tell(source: object, type: string) {
      (source as EventTarget).dispatchEvent(new window.Event(type) as never);
    },
    show(isVisible: boolean) {
      said.visibilityState = isVisible ? 'visible' : 'hidden';
      window.document.dispatchEvent(new window.Event('visibilitychange'));
    },
    connectTo(isOnline: boolean) {
      said.onLine = isOnline;
      window.dispatchEvent(new window.Event(isOnline ? 'online' : 'offline'));
    },
  };
}

export type FakePage = ReturnType<typeof fakePage>;
