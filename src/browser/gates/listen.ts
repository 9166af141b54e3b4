/** What events come from; where there is none, none come. */
export type Source =
  | Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>
  | null
  | undefined;

/** Returns what ends it. A platform without events, or one that refuses listeners, throws nothing: a worker of the queue looks by itself. */
export function listen(source: Source, types: readonly string[], listener: () => void): () => void {
  const each = (method: 'addEventListener' | 'removeEventListener') => {
    try {
      for (const type of types) source?.[method]?.(type, listener);
    } catch {
      // Forbidden here.
    }
  };
  each('addEventListener');
  return () => each('removeEventListener');
}

/** What the platform has there; undefined where it has nothing, or where it may not be looked at. */
export function platform<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

export const isHidden = (): boolean => globalThis.document?.visibilityState === 'hidden';
