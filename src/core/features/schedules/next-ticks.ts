import type { Control } from '../../kernel/control-row.ts';
import { jsonText } from '../../kernel/json-text.ts';
import { isPaused } from '../../kernel/pause.ts';
import type { RecurrenceRule, TickWatch } from './messages.ts';
import type { ScheduleRow } from './schedule-row.ts';

/** The earliest tick of the schedules that anybody who knows this name, version and kind of rule could fire. */
interface NextTick {
  readonly kind: RecurrenceRule['kind'];
  readonly name: string;
  readonly version: number;
  readonly at: number;
}

/** The queue's row knows the earliest ticks, so that nobody has to look for schedules to know that there are none. */
export type TickControl = Control & {
  /** Absent: there are none. Replaced, not changed in place. */
  ticks?: readonly NextTick[];
  /** How often the clock had been set back when they were kept; absent: never. */
  ticked?: number;
};

/** After each change of schedules. */
export function keepTicks(control: TickControl, all: ReadonlyMap<string, ScheduleRow>): void {
  const ticks = new Map<string, NextTick>();
  for (const { rule, job, nextAt, paused } of all.values()) {
    if (nextAt === undefined || paused) continue;
    const { name, version } = job;
    const key = `${rule.kind} ${name}@${version}`;
    if (nextAt < (ticks.get(key)?.at ?? Number.POSITIVE_INFINITY))
      ticks.set(key, { kind: rule.kind, name, version, at: nextAt });
  }
  if (ticks.size > 0) control.ticks = [...ticks.values()];
  else delete control.ticks;
  if (control.mended || control.setBacks !== undefined) control.ticked = control.setBacks ?? 0;
}

/** The queue's row was made anew since: what schedules had noted in it is not there. */
export const isAnew = ({ mended, setBacks = 0, ticked = -1 }: TickControl): boolean =>
  mended === true && ticked !== setBacks;

/** What is known of the ticks, as one text. */
export const ticksText = ({ ticks, ticked }: TickControl): string => jsonText([ticks, ticked]);

/**
 * The earliest tick of the names that are known up to such a version, and of these kinds; no `watch`: of all. A paused name has none. Pages
 * that know nothing of ticks set clocks back, and make the queue's row anew: then they are looked at at once, by whoever can compute them.
 */
export function nextTickAt(
  control: TickControl,
  watch: TickWatch | undefined,
  now: number,
): number | undefined {
  const { ticks, mended, setBacks = 0, ticked = mended ? -1 : 0 } = control;
  const isOld = ticked !== setBacks;
  if (mended && isOld) return watch === undefined || Object.keys(watch.names).length > 0 ? now : undefined;
  let next: number | undefined;
  for (const { kind, name, version, at } of ticks ?? []) {
    if ((watch && !isWatched(watch, kind, name, version)) || isPaused(control, name)) continue;
    const tickAt = isOld ? Math.min(at, now) : at;
    if (tickAt < (next ?? Number.POSITIVE_INFINITY)) next = tickAt;
  }
  return next;
}

const isWatched = (
  { kinds, names }: TickWatch,
  kind: RecurrenceRule['kind'],
  name: string,
  version: number,
) => kinds.includes(kind) && Object.hasOwn(names, name) && version <= (names[name] ?? 0);
