/** Between a queue's name and its owner, as the store knows it. The names themselves cannot contain it, and no key part begins with it. */
const OWNED_BY = '\u0003';

/** The stream of an owner: to a store, a queue like any other. Without an owner, the queue's own name. */
export function streamOf(name: string, owner: string | undefined): string {
  return owner === undefined ? name : name + OWNED_BY + owner;
}

/** The name that its user gave the queue. */
export function nameOf(stream: string): string {
  const at = stream.indexOf(OWNED_BY);
  return at < 0 ? stream : stream.slice(0, at);
}
