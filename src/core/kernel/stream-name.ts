/** Between a queue's name and what a feature adds to it, as the store knows it. Names cannot contain it, and no key part begins with it. */
const PART = '\u0003';

/** A stream of its own: to a store, a queue like any other. */
export const subStream = (stream: string, part: string): string => stream + PART + part;

/** The name that its user gave the queue. */
export function nameOf(stream: string): string {
  const at = stream.indexOf(PART);
  return at < 0 ? stream : stream.slice(0, at);
}

/** As it is said to people. */
export const sayStream = (stream: string): string => `queue ${stream.replaceAll(PART, ' of ')}`;
