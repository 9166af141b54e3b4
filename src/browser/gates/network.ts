import { InvalidOptionError } from '../../core/kernel/errors.ts';
import { checkBoolean, checkKnown, checkList, checkOneOf } from '../../core/queue/options.ts';
import { listen, platform, type Source } from './listen.ts';
import { type SyncGate, when } from './when.ts';

const TYPES = ['bluetooth', 'cellular', 'ethernet', 'none', 'wifi', 'wimax', 'other', 'unknown'] as const;
/** `navigator.connection.type`. */
export type NetworkType = (typeof TYPES)[number];

export interface NetworkOptions {
  /** Whether jobs also run while the user asks the browser to save data. Default: false, they wait. */
  readonly saveData?: boolean;
  /**
   * The kinds of network on which jobs run. A browser that does not say which it has, or says `unknown`, keeps none waiting. Default: every
   * kind. At least one.
   */
  readonly type?: readonly NetworkType[];
}

/**
 * Open while the network is of a kind that is fit for the job, as far as the browser says (`navigator.connection`). Chromium says both in
 * pages and workers, the kind on Android and ChromeOS alone; Firefox and Safari say nothing: there the gate is open, as it is in
 * server-side rendering. It is no replacement for `online()`: see `all`.
 *
 * @example
 * gates({
 *   'video.push': network({ type: ['wifi', 'ethernet'] }), // large uploads
 *   'note.push': network(), // nothing while the user saves data
 * })
 *
 * @throws InvalidOptionError at once
 */
export function network(options: NetworkOptions = {}): SyncGate {
  const given = checkKnown('network options', options, ['saveData', 'type']);
  const mayCost = given.saveData === undefined ? false : checkBoolean('saveData', given.saveData);
  const types = given.type === undefined ? undefined : checkTypes(given.type);
  return when(
    () => {
      const { saveData, type = 'unknown' } = connection() ?? {};
      if (saveData === true && !mayCost) return false;
      return types === undefined || type === 'unknown' || types.includes(type);
    },
    (changed) => listen(connection(), ['change'], changed),
  );
}

function checkTypes(given: readonly NetworkType[]): readonly string[] {
  const types = checkList('type', given, TYPES.length);
  if (types.length === 0) throw new InvalidOptionError('type', given, 'at least one kind of network');
  return types.map((type) => checkOneOf('type', type, TYPES));
}

interface Connection {
  readonly saveData?: boolean;
  readonly type?: string;
}

function connection(): (Connection & NonNullable<Source>) | undefined {
  return platform(
    () => (globalThis.navigator as { readonly connection?: Connection } | undefined)?.connection,
  );
}
