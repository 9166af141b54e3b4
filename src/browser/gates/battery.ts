import type { Gate } from '../../core/features/gates/gate.ts';
import { InvalidOptionError } from '../../core/kernel/errors.ts';
import { checkKnown } from '../../core/queue/options.ts';
import { listen, platform, type Source } from './listen.ts';
import { when } from './when.ts';

export interface BatteryOptions {
  /** The level from which on jobs run without a charger: 0 is empty, 1 is full. Default 0.2. */
  readonly minLevel?: number;
  /** Jobs run only while the battery is charged, whatever its level. Not together with `minLevel`. Default: they run without a charger, too. */
  readonly charging?: true;
}

const DEFAULT_MIN_LEVEL = 0.2;
const EVENTS = ['chargingchange', 'levelchange'];

/**
 * Open while the battery is charged, or full enough, as far as the browser says (`navigator.getBattery`). Only pages in Chromium say it:
 * open in Firefox and Safari, in workers and service workers, in server-side rendering, and where the page may not ask.
 *
 * @example
 * const use = [gates({ 'photo.push': battery({ minLevel: 0.5 }), 'video.push': battery({ charging: true }) })];
 *
 * @throws InvalidOptionError at once
 */
export function battery(options: BatteryOptions = {}): Gate {
  const { minLevel, charging } = checkKnown('battery options', options, ['minLevel', 'charging']);
  if (charging !== undefined && charging !== true)
    throw new InvalidOptionError('charging', charging, 'true, or nothing');
  if (charging && minLevel !== undefined)
    throw new InvalidOptionError('minLevel', minLevel, 'minLevel without charging');
  const least = charging ? Number.POSITIVE_INFINITY : checkLevel(minLevel ?? DEFAULT_MIN_LEVEL);
  const isFit = (found: Battery | undefined) => found === undefined || found.charging || found.level >= least;
  /** The object is live, and there is one for a page. */
  let known: { readonly battery: Battery | undefined } | undefined;
  let asking: Promise<Battery | undefined> | undefined;
  const ask = () => {
    asking ??= findBattery().then((found) => {
      known = { battery: found };
      return found;
    });
    return asking;
  };
  return when(
    () => (known === undefined ? ask().then(isFit) : isFit(known.battery)),
    (changed) => {
      let end: (() => void) | undefined = () => undefined;
      void ask().then((found) => {
        if (end !== undefined) end = listen(found, EVENTS, changed);
      });
      return () => {
        end?.();
        end = undefined;
      };
    },
  );
}

function checkLevel(level: number): number {
  if (!(typeof level === 'number' && level >= 0 && level <= 1))
    throw new InvalidOptionError('minLevel', level, 'a number from 0 to 1');
  return level;
}

interface Battery extends NonNullable<Source> {
  readonly charging: boolean;
  readonly level: number;
}

/** Undefined where there is no saying. */
async function findBattery(): Promise<Battery | undefined> {
  const { navigator } = globalThis as { readonly navigator?: { getBattery?(): Promise<Battery> } };
  return platform(() => navigator?.getBattery?.())?.catch(() => undefined);
}
