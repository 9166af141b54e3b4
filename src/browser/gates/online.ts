import type { Gate } from '../../core/features/gates/gate.ts';
import { InvalidOptionError } from '../../core/kernel/errors.ts';
import { checkKnown, checkMs } from '../../core/queue/options.ts';
import { isHidden, listen } from './listen.ts';
import { MIN_EVERY_MS, Prober, type ProberSetup } from './prober.ts';
import { type SyncGate, when } from './when.ts';

/** Whether the network is really there. What it throws or rejects with means no. `signal` is aborted when the answer is of no use any more. */
export type Probe = (signal: AbortSignal) => boolean | Promise<boolean>;

export interface ProbeOptions {
  /**
   * What finds out whether the network is really there: a function, or a URL, which gets a HEAD request without credentials and past the HTTP
   * cache. Any answer but a redirect (captive portals do that) and a status from 500 on means yes. Let no service worker answer it.
   */
  readonly probe: string | URL | Probe;
  /** How long what was found out is good for. While it was no, it is tried after 5 s, 10 s, 20 s … up to this. Default 60,000. Minimum 5,000. */
  readonly everyMs?: number;
  /** How long a probe may take; then it means no. Default 5,000. Minimum 1. */
  readonly timeoutMs?: number;
}

export type OnlineOptions = ProbeOptions | { readonly [Option in keyof ProbeOptions]?: never };

/** Chromium changes `navigator.onLine` in dedicated workers, but tells them by no event. */
const LOOK_EVERY_MS = 1_000;

const DEFAULT_EVERY_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Open while the browser believes it is online. `navigator.onLine` false is reliable, true is not (a network without a way
 * out): a request may still fail, which the outage rule holds against no job. Open where there is no such property (server-side rendering).
 * In a worker, which may hear no event, it looks once a second for as long as it is closed and somebody waits.
 *
 * With a `probe` it is open when that says so, too. Probes are at least 5 s apart and one at a time, however many jobs and workers use the
 * gate: share the value, as each call of `online` makes a gate with probes of its own. None is sent while the browser says that it is offline,
 * while the page is hidden (then the browser's word alone counts), or when nobody asks. A worker cannot see whether its page is hidden. The first probe, and the first after the network came back, are waited for; afterwards the last answer counts until another is there.
 *
 * @example
 * const gate = online();
 * const proven = online({ probe: '/api/ping' });
 * const use = [gates({ 'note.push': proven, 'photo.push': proven })];
 *
 * @throws InvalidOptionError at once
 */
export function online(options?: { readonly [Option in keyof ProbeOptions]?: never }): SyncGate;
export function online(options: OnlineOptions): Gate;
export function online(options: OnlineOptions = {}): Gate {
  const inPage = 'document' in globalThis;
  let looking: ReturnType<typeof setInterval> | undefined;
  /** Undefined: nobody has subscribed. */
  let onChange: (() => void) | undefined;
  let wasOnline = true;
  const prober = proberOf(options, {
    mayLook: () => onChange !== undefined && isOnline() && !isHidden(),
    onNews: () => onChange?.(),
  });

  const stopLooking = () => {
    clearInterval(looking);
    looking = undefined;
  };
  /** What the browser says by itself. */
  const look = (): boolean => {
    const isNow = isOnline();
    if (isNow && !wasOnline) prober?.forget();
    wasOnline = isNow;
    return isNow;
  };
  const isOpen = () => {
    if (look()) return isHidden() || prober === undefined || prober.isThere();
    if (!inPage && onChange !== undefined) looking ??= setInterval(onChange, LOOK_EVERY_MS);
    return false;
  };
  return when(isOpen, (changed) => {
    onChange = () => {
      const isNow = look();
      if (isNow) stopLooking();
      if (!isNow || isHidden()) prober?.rest();
      changed();
    };
    const unheard = listen(globalThis, ['online', 'offline'], onChange);
    const unseen = listen(prober && globalThis.document, ['visibilitychange'], onChange);
    return () => {
      onChange = undefined;
      unheard();
      unseen();
      stopLooking();
      prober?.rest();
    };
  });
}

const isOnline = (): boolean => globalThis.navigator?.onLine !== false;

function proberOf(
  options: OnlineOptions,
  hearing: Pick<ProberSetup, 'mayLook' | 'onNews'>,
): Prober | undefined {
  const given = checkKnown('online options', options, ['probe', 'everyMs', 'timeoutMs']);
  const { probe, everyMs, timeoutMs } = given;
  const [alone] = Object.keys(given);
  if (probe === undefined && alone !== undefined)
    throw new InvalidOptionError(alone, given[alone as 'everyMs'], 'a probe beside it');
  if (probe === undefined) return undefined;
  return new Prober({
    ...hearing,
    probe: probeOf(probe),
    everyMs: checkMs('everyMs', everyMs ?? DEFAULT_EVERY_MS, MIN_EVERY_MS),
    timeoutMs: checkMs('timeoutMs', timeoutMs ?? DEFAULT_TIMEOUT_MS, 1),
  });
}

function probeOf(given: ProbeOptions['probe']): Probe {
  if (typeof given === 'function') return given;
  if ((typeof given !== 'string' || given === '') && !(given instanceof URL))
    throw new InvalidOptionError('probe', given, 'a URL or a function');
  const init: RequestInit = { method: 'HEAD', cache: 'no-store', credentials: 'omit', redirect: 'manual' };
  return async (signal) => {
    const { status } = await fetch(given, { ...init, signal });
    return status > 0 && status < 500; // Of a redirect that is not followed it is 0.
  };
}
