import type { ClaimRequest, KnownName } from '../kernel/messages.ts';
import type { JobDefinition } from './definitions.ts';
import { checkCount } from './options.ts';

/** What each claim of a queue says beside its names. */
export type SharedLimits = Pick<ClaimRequest, 'maxActive' | 'ageing'>;

export const SHARED_OPTIONS = ['maxActive', 'ageing'];

export function checkShared({ maxActive, ageing }: SharedLimits): SharedLimits {
  return {
    ...(maxActive === undefined ? {} : { maxActive: checkCount('maxActive', maxActive) }),
    ...(ageing === undefined ? {} : { ageing: checkCount('ageing', ageing, 2) }),
  };
}

/** What a claim says of a name: what holds over all workers is enforced by the store. */
export function knownName({ version = 1, maxActive, rate, outage }: JobDefinition): KnownName {
  return {
    version,
    ...(maxActive === undefined ? {} : { maxActive }),
    ...(rate === undefined ? {} : { rate }),
    ...(outage === undefined ? {} : { outage }),
  };
}

/** Whether a job that is claimed takes a place or a token from other workers: claimed ahead, it would keep it without running. */
export const isShared = ({ maxActive, rate }: JobDefinition): boolean =>
  maxActive !== undefined || rate !== undefined;
