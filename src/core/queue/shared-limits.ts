import type { ClaimRequest, KnownName } from '../kernel/messages.ts';
import type { JobDefinition } from './definitions.ts';
import { checkCount } from './options.ts';

/** What each claim of a queue says beside its names. */
export type SharedLimits = Pick<ClaimRequest, 'ageing'>;

export const SHARED_OPTIONS = ['ageing'];

export function checkShared({ ageing }: SharedLimits): SharedLimits {
  return ageing === undefined ? {} : { ageing: checkCount('ageing', ageing, 2) };
}

/** What a claim says of a name: what holds over all workers is enforced by the store. */
export function knownName({ version = 1, outage }: JobDefinition): KnownName {
  return outage === undefined ? { version } : { version, outage };
}
