import { CLOCK_STEP_MS } from './control.ts';
import type { Control } from './control-row.ts';
import type { JobRow } from './job-row.ts';
import { type Correction, corrected } from './jump.ts';

/**
 * Who works leaves marks in the queue's row, one a name and version: until when somebody is believed to run such jobs. By them a context that runs
 * none of a name sees that another does. They are a reason in `explain` and no promise: nobody claims or waits by them. They end by themselves, and
 * nobody takes them away before.
 */
export const BELIEVED_MS = 900_000;
/** They are renewed when so much of that is over: an idle worker writes them no more often. */
export const MARKED_EVERY_MS = 300_000;
/** Names are as many as definitions are; whoever makes them up must not fill the row. */
const MAX_MARKS = 100;

/** Its number comes first, so that a name like __proto__ is no more than a name. */
export const markOf = (name: string, version: number): string => `${version} ${name}`;

/** Nothing is believed for longer than its length, whatever the clock said when it was written. */
export const isBelieved = (until: number, now: number): boolean =>
  until > now && until <= now + BELIEVED_MS + CLOCK_STEP_MS;

/** Much of its time is left. */
export const isFresh = (until: number, now: number): boolean =>
  until > now + BELIEVED_MS - MARKED_EVERY_MS && isBelieved(until, now);

/** Renews all of these marks when one of them is not fresh. Returns whether the queue's row is to be written. */
export function leaveMarks(control: Control, marks: readonly string[], now: number): boolean {
  for (const mark of marks)
    if (!isFresh(control.worked?.[mark] ?? 0, now)) {
      renewMarks(control, marks, now);
      return true;
    }
  return false;
}

function renewMarks(control: Control, marks: readonly string[], now: number): void {
  const others = Object.entries(control.worked ?? {}).filter(
    ([mark, until]) => !marks.includes(mark) && isBelieved(until, now),
  );
  const renewed = marks.map((mark) => [mark, now + BELIEVED_MS] as const);
  control.worked = Object.fromEntries([...renewed, ...others].slice(0, MAX_MARKS));
}

/** Whether somebody, anywhere, is believed to run jobs like this one. */
export function isWorked({ worked = {} }: Control, { name, version }: JobRow, now: number): boolean {
  return Object.entries(worked).some(([mark, until]) => {
    const understood = Number.parseInt(mark, 10);
    return understood >= version && mark === markOf(name, understood) && isBelieved(until, now);
  });
}

/** The names of such jobs, of whatever version, in order. */
export function workedNames({ worked = {} }: Control, now: number): readonly string[] {
  const marks = Object.entries(worked).filter(([, until]) => isBelieved(until, now));
  return [...new Set(marks.map(([mark]) => mark.slice(mark.indexOf(' ') + 1)))].sort();
}

/** The clock was set back: these marks, and those of names, have as much left as before. */
export function followMarks(control: Control, correction: Correction): void {
  for (const kind of ['worked', 'marks'] as const) {
    const marks = control[kind];
    if (marks === undefined) continue;
    const followed = Object.entries(marks).map(
      ([mark, until]) => [mark, corrected(until, correction)] as const,
    );
    control[kind] = Object.fromEntries(followed);
  }
}
