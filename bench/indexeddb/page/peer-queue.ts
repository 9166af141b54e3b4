/** 200 bytes as JSON. */
export interface Payload {
  readonly n: number;
  /** When it was handed over, ms since the epoch with fractions. */
  readonly at: number;
  readonly text: string;
}

export type Handler = (payload: Payload) => Promise<void>;

/** What every queue is asked to do, in the way its users would have it done. */
export interface PeerQueue {
  /** Resolves when the job is stored. */
  enqueue(payload: Payload): Promise<void>;
  /** The fastest way it has to take many. */
  enqueueMany(payloads: readonly Payload[]): Promise<void>;
  /** Of one whose enqueue resolves when the job has run: it hears before the first what runs it. */
  begin?(handler: Handler): void;
  /** Runs the handler for every job; resolves when nothing is left in storage. */
  drain(handler: Handler): Promise<void>;
  /** Works until the page is closed, and wakes when this or another tab enqueues. */
  work?(handler: Handler): void;
  /** Jobs in storage. */
  count(): Promise<number>;
  close?(): void;
}

/** Handlers at a time, where a queue lets one choose: holdfast's default. */
export const CONCURRENCY = 4;

const PAYLOAD_BYTES = 200;
const INSTANT_DIGITS = 1_000;

/** The time, comparable between tabs, in a fixed number of digits at most. */
export const instant = (): number =>
  Math.round((performance.timeOrigin + performance.now()) * INSTANT_DIGITS) / INSTANT_DIGITS;

export function payload(n: number): Payload {
  const bare = { n, at: instant(), text: '' };
  return { ...bare, text: noise(n, PAYLOAD_BYTES - JSON.stringify(bare).length) };
}

export function payloads(count: number): Payload[] {
  return Array.from({ length: count }, (_, n) => payload(n));
}

/** Text that no database compresses to nothing, the same for the same seed (a linear congruential sequence, Numerical Recipes). */
function noise(seed: number, length: number): string {
  let state = seed;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}
