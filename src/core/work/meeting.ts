import type { Meeting, Met } from '../kernel/messages.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import { reachOf } from './reach.ts';
import type { Ending } from './verdict.ts';

/** As one attempt met its target, when it began, and for how long failures of the target are not held against its job. */
export interface Meets {
  readonly how: Meeting;
  readonly startedAt: number;
  readonly outageMs: number;
}

/** Undefined: the attempt says nothing of its target. What returned got through, which its outcome says. */
export function meetingOf(
  ending: Ending,
  { outage, outageMs }: JobDefinition,
  startedAt: number,
  usualMs: number,
): Meets | undefined {
  if (outage === false || ending.how !== 'threw') return undefined;
  const how = reachOf(ending.thrown);
  return how.kind === 'silent' ? undefined : { how, startedAt, outageMs: outageMs ?? usualMs };
}

export const metOf = ({ how, startedAt, outageMs }: Meets, now: number): Met => ({
  how,
  ageMs: Math.max(0, now - startedAt),
  outageMs,
});

export const isUnreached = (meets: Meets | undefined): boolean => meets?.how.kind === 'unreached';
