/** A body that does not end, as a stream may, holds up those behind it for so long. */
const PATIENCE_MS = 10_000;

// biome-ignore lint/plugin: what it says of a queue goes with the queue, which may be a handle and has no place for it
const turns = new WeakMap<object, Promise<unknown>>();

/**
 * Requests are read side by side, as bodies take long, and are given to the queue in the order of these calls: a note that refers to a photo
 * follows it. One that cannot be read holds up no other.
 */
export async function inTurn<Read, Stored>(
  queue: object,
  reading: Promise<Read>,
  store: (read: Read) => Promise<Stored>,
): Promise<Stored> {
  const before = turns.get(queue);
  const given = reading.then(async (read) => {
    await before;
    return { stored: store(read) }; // Not awaited: it is in line.
  });
  turns.set(queue, within(given));
  return (await given).stored;
}

/** Resolves when it has ended, however, or takes too long: nobody's requests wait longer for it. */
export const within = (given: Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    given.then(end, end);
  });
