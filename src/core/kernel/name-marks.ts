import type { Control } from './control-row.ts';
import { hooksOf } from './features.ts';
import type { JobRow } from './job-row.ts';
import { sureAt } from './jump.ts';
import type { Wait } from './messages.ts';
import { lacking } from './needs.ts';
import type { Rows } from './rows.ts';
import { BELIEVED_MS, isBelieved, isFresh } from './worked.ts';

/*
 * A feature that sets a limit to a name marks that in the queue's row, with an end 15 minutes ahead, which each exchange of a page that has it renews.
 * While the mark stands, pages without that limit leave the name alone: an old tab would break it. When all that had it are gone, the mark ends by itself.
 */

/** In the place of more than that many: the feature marks all names. */
const MAX_NAMES = 100;
/** For all names. No job's name is empty. */
const ALL = '';

const keyOf = (feature: string, name: string): string => `${feature} ${name}`;

/** Its time is not over, or not for sure: where all have slept, who wakes first does not know yet who else does. */
const stands = (control: Control, until: number, now: number): boolean =>
  until > now ? isBelieved(until, now) : sureAt(control, until) > now;

/** What the features of the page mark. */
function* ownMarks(rows: Rows): Generator<string> {
  for (const { name, marks } of hooksOf(rows).marks)
    for (const marked of marks.length > MAX_NAMES ? [ALL] : marks) yield keyOf(name, marked);
}

/** Renews the marks of the page's features when one of them is not fresh. Returns whether the queue's row is to be written. */
export function renewNameMarks(rows: Rows, control: Control, now: number): boolean {
  if (hooksOf(rows).marks.length === 0) return false;
  const own = [...ownMarks(rows)];
  if (own.every((mark) => isFresh(control.marks?.[mark] ?? 0, now))) return false;
  const left = Object.entries(control.marks ?? {}).filter(([, until]) => stands(control, until, now));
  control.marks = Object.fromEntries([...left, ...own.map((mark) => [mark, now + BELIEVED_MS] as const)]);
  return true;
}

/** The marks that the page does not share: until when a name is to be left alone (0: it is not), and by which features. */
export function foreignMarks(
  rows: Rows,
  control: Control,
  now: number,
): (name: string) => { readonly until: number; readonly features: readonly string[] } {
  if (control.marks === undefined) return () => NOBODYS;
  const own = new Set(ownMarks(rows));
  const foreign = Object.entries(control.marks).filter(
    ([mark, until]) => stands(control, until, now) && !own.has(mark),
  );
  if (foreign.length === 0) return () => NOBODYS;
  return (name) => {
    let until = 0;
    const features: string[] = [];
    for (const [mark, end] of foreign) {
      const at = mark.indexOf(' ');
      const marked = mark.slice(at + 1);
      if (marked !== ALL && marked !== name) continue;
      until = Math.max(until, sureAt(control, end));
      features.push(mark.slice(0, at));
    }
    return { until, features };
  };
}

/** Features that the page lacks and without which the job is not run; and such as have marked its name. */
export function missingFeatures(rows: Rows, control: Control, row: JobRow, now: number): Wait[] {
  const lacks = lacking(rows, row);
  const { until, features } = foreignMarks(rows, control, now)(row.name);
  return [
    ...(lacks.length === 0 ? [] : [{ why: 'needs-feature', features: lacks } as const]),
    ...(features.length === 0 ? [] : [{ why: 'needs-feature', features, until } as const]),
  ];
}

const NOBODYS = { until: 0, features: [] } as const;

/** Of a feature that nobody has any more. */
export function dropMarks(control: Control, feature: string): void {
  const others = Object.entries(control.marks ?? {}).filter(([mark]) => !mark.startsWith(keyOf(feature, '')));
  if (others.length > 0) control.marks = Object.fromEntries(others);
  else delete control.marks;
}
