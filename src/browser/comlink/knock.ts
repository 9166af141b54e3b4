import * as Comlink from 'comlink';
import type { Environment } from '../../core/index.ts';
import type { Guest, Knock, Welcome } from './face.ts';
import type { Target } from './targets.ts';

/** A worker that was not there yet when the first knock came is knocked at again: one whose script awaits something, say. */
const KNOCK_EVERY_MS = 1_000;

/** What every worker of the package serves. */
export interface Greeting<Push> {
  /** First of all: what the caller is, and what hears what the worker has to say. */
  hello(guest: Guest, push: Push): Promise<Welcome>;
}

export interface KnockOptions<Push> {
  /** What is looked for there. */
  readonly name: string;
  readonly guest: Guest;
  readonly push: Push;
  readonly environment: Pick<Environment, 'setTimer'>;
  /** How long it may take until somebody answers. */
  readonly timeoutMs: number;
  /** Aborted: nobody wants in any more. */
  readonly signal: AbortSignal;
  /** What the script has to call, for the error of one that does not. */
  readonly call: string;
}

/** A connection that was just made. */
export interface Opened<Face> {
  readonly port: MessagePort;
  readonly face: Comlink.Remote<Face>;
  readonly welcome: Welcome;
}

/** Knocks until somebody opens. Rejects when nobody does in time, when the worker's script fails, and with the signal's reason. */
export function knock<Push extends (...args: never[]) => unknown, Face extends Greeting<Push>>(
  target: Target,
  { name, guest, push, environment, timeoutMs, signal, call }: KnockOptions<Push>,
): Promise<Opened<Face>> {
  return new Promise((resolve, reject) => {
    const ports = new Set<MessagePort>();
    let cancelNext = (): void => undefined;
    const settle = (kept?: MessagePort) => {
      cancelNext();
      cancelTimeout();
      unhear();
      signal.removeEventListener('abort', leave);
      for (const port of ports) if (port !== kept) port.close();
      ports.clear();
    };
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    const leave = () => fail(signal.reason);
    const next = () => {
      cancelNext = environment.setTimer(next, KNOCK_EVERY_MS);
      const { port1, port2 } = new MessageChannel();
      ports.add(port1);
      const face = Comlink.wrap<Greeting<Push>>(port1);
      const message: Knock = { holdfast: 'connect', queue: name, port: port2 };
      try {
        target.post(message, [port2]);
      } catch (error) {
        fail(error);
        return;
      }
      const hello = face.hello as unknown as (guest: Guest, push: Push) => Promise<Welcome>;
      hello(guest, Comlink.proxy(push)).then((welcome) => {
        if (!ports.has(port1)) return;
        settle(port1);
        resolve({ port: port1, face: face as Comlink.Remote<Face>, welcome });
      }, fail);
    };
    const unhear = target.onError((message) =>
      fail(new Error(`its script failed${message ? `: ${message}` : ''}`)),
    );
    const cancelTimeout = environment.setTimer(
      () => fail(new Error(`it did not call ${call} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    else next();
  });
}
