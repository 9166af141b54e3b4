import type { SerializedError } from './error.ts';

/** A call on its way to a host: plain data. Every instant in `args` is in ms from now, of the clock of whoever reads it. */
export interface CallMessage {
  /** Of the protocol. */
  readonly v: number;
  /** The name of an operation. */
  readonly call: string;
  readonly args?: unknown;
}

/** What a host replies: plain data. Instants in `answer` are of its clock, which said `now`. Without either: the answer is undefined. */
export interface Reply {
  readonly v: number;
  /** Epoch ms. */
  readonly now: number;
  readonly answer?: unknown;
  readonly error?: SerializedError;
}

/** What callers of this package speak. */
export const VERSION = 1;

/** How a version is read and spoken, where it differs from the newest. */
interface Dialect {
  readonly call: (message: CallMessage) => CallMessage;
  readonly reply: (reply: Reply) => Reply;
}

/** The version of this package and the one before it: a host serves both. The next one is an entry more, and the oldest goes. */
const DIALECTS: Readonly<Record<number, Dialect>> = {
  [VERSION]: { call: (message) => message, reply: (reply) => reply },
};

/** Undefined: nobody speaks it here. */
export const dialectOf = (version: unknown): Dialect | undefined =>
  typeof version === 'number' && Object.hasOwn(DIALECTS, version) ? DIALECTS[version] : undefined;

export const SPOKEN = Object.keys(DIALECTS).join(', ');
