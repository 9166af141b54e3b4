import type { CallMessage, EventName, Reply, SerializedError } from '../../core/index.ts';
import type { Hint } from '../../core/kernel/store.ts';

/** What a page asks its host for, over comlink. */
export interface HostFace {
  /** First of all: what the page is, and what hears the host's pushes. */
  hello(guest: Guest, push: Push): Promise<Welcome>;
  /** A call of the protocol that `expose` serves. */
  ask(message: CallMessage): Promise<Reply>;
  /** What is pushed from now on. Resolves with what refuses it. */
  want(wanted: Wanted): Promise<SerializedError | undefined>;
  /** Where no lock says that the host lives. */
  ping(): Promise<void>;
  /** This connection is over, and its page is not: what its workers hold stays theirs. */
  quit(): Promise<void>;
}

export interface Guest {
  /** Held for as long as the page lives; absent: there are no locks. */
  readonly lock?: string;
}

export interface Welcome {
  /** Which host it is: no other has this name. */
  readonly host?: string;
  /** Held for as long as the host lives; absent: there are no locks. */
  readonly lock?: string;
}

export interface Wanted {
  /** Whether somebody waits for something to change. */
  readonly hints: boolean;
  readonly events: readonly EventName[];
}

/** What happened in the host since the last batch. */
export interface Batch {
  readonly hints: readonly Hint[];
  readonly events: readonly PushedEvent[];
}

export type PushedEvent = readonly [name: EventName, event: unknown];

export type Push = (batch: Batch) => unknown;

/** Asks for a connection, with its port in the message: other messages of the same worker stay the app's. */
export interface Knock {
  readonly holdfast: 'connect';
  /** By its name: a worker may host several. */
  readonly queue: string;
  readonly port: MessagePort;
}

/** A service worker that has started says so to its pages: the connections of the one before are gone. */
export interface Started {
  readonly holdfast: 'started';
  readonly queue: string;
  readonly host: string;
}

export function isKnock(data: unknown, queue: string): data is Knock {
  const { holdfast, queue: asked, port } = Object(data) as Partial<Knock>;
  return holdfast === 'connect' && asked === queue && isPort(port);
}

export function isStarted(data: unknown, queue: string): data is Started {
  const { holdfast, queue: started } = Object(data) as Partial<Started>;
  return holdfast === 'started' && started === queue;
}

export const isPort = (value: unknown): value is MessagePort =>
  typeof MessagePort !== 'undefined' && value instanceof MessagePort;
