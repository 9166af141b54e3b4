import type { Environment } from '../../core/index.ts';
import type { Welcome } from './face.ts';
import { watchLock } from './locks.ts';

/** Without locks: how often a worker is asked whether it lives, and how long it may take to say so. */
const PING_EVERY_MS = 10_000;
const PING_MS = 30_000;

/** What is watched for its end. */
export interface Living {
  readonly welcome: Welcome;
  readonly port: MessagePort;
  ping(): PromiseLike<unknown>;
}

/** Calls back once when the other end is gone. Returns what ends the watch. */
export function watchLife(
  { welcome, port, ping }: Living,
  environment: Pick<Environment, 'setTimer' | 'now'>,
  onEnd: () => void,
): () => void {
  let isOver = false;
  const end = () => {
    if (!isOver) onEnd();
  };
  // A newer platform says so of every port.
  port.addEventListener('close', end);
  const unwatch =
    welcome.lock === undefined ? watchPings(ping, environment, end) : watchLock(welcome.lock, end);
  return () => {
    isOver = true;
    unwatch();
    port.removeEventListener('close', end);
  };
}

/** A page that slept asks again before it believes that the other end is gone. */
function watchPings(
  send: () => PromiseLike<unknown>,
  { setTimer, now }: Pick<Environment, 'setTimer' | 'now'>,
  onSilence: () => void,
): () => void {
  let cancel = (): void => undefined;
  const ping = () => {
    const due = now() + PING_MS;
    const silent = () => {
      if (now() > due + PING_EVERY_MS) ping();
      else onSilence();
    };
    cancel = setTimer(silent, PING_MS);
    const heard = () => {
      cancel();
      cancel = setTimer(ping, PING_EVERY_MS);
    };
    send().then(heard, onSilence);
  };
  cancel = setTimer(ping, PING_EVERY_MS);
  return () => cancel();
}
