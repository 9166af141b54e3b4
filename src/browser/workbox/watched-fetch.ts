/** What hears of the fetches of requests. */
export type Hears = (request: Request, response: Promise<Response>) => void;

interface Watched {
  (...args: Parameters<typeof fetch>): Promise<Response>;
  readonly hears: Set<Hears>;
  readonly original: typeof fetch;
}

const isWatched = (given: unknown): given is Watched => (given as Partial<Watched>)?.hears instanceof Set;

/**
 * While an `onSync` of the app's runs: hears what becomes of each request that it fetches, as that is all that says whether an entry is done.
 * `fetch` itself does what it did. Returns what ends it.
 */
export function watchFetch(hears: Hears): () => void {
  const scope = globalThis as { fetch: typeof fetch };
  const watched = isWatched(scope.fetch) ? scope.fetch : watching(scope.fetch);
  watched.hears.add(hears);
  scope.fetch = watched;
  return () => {
    watched.hears.delete(hears);
    // Not if somebody else has put something in its place.
    if (watched.hears.size === 0 && scope.fetch === watched) scope.fetch = watched.original;
  };
}

function watching(original: typeof fetch): Watched {
  const hears = new Set<Hears>();
  const watched = (...args: Parameters<typeof fetch>) => {
    const response = original(...args);
    const [request] = args;
    if (request instanceof Request) for (const hear of hears) hear(request, response);
    return response;
  };
  return Object.assign(watched, { hears, original });
}
