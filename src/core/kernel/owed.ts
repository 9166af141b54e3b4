import type { Lease } from './claims-row.ts';
import type { Control } from './control-row.ts';
import type { Departure, Leaver, Result } from './departure.ts';
import { type Features, hooksOf } from './features.ts';
import type { Draft } from './job.ts';
import type { JobRow } from './job-row.ts';
import type { JobSpec } from './messages.ts';
import { union } from './names.ts';
import { digits, endOf, join, numberOf, SEPARATOR } from './order.ts';
import type { End, OwedRow } from './records.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/*
 * Some ends concern a feature: a flow waits for the job, a batch counts it, its result is kept. The row names such features (`owes`), its lease
 * too. Whoever ends the job calls those that its page has; for each of the others it leaves a record, and the next page that has it works that off.
 */

/** Records that one exchange works off: what is left of more goes with the next. */
const MAX_WORKED_OFF = 100;

const NOBODY: readonly never[] = [];

/** The row of a job that is about to leave. Undefined: it is lost. Without its payload where another page ended it. */
export function* rowOfLeaver(rows: Rows, job: Leaver): Step<JobRow | undefined> {
  return 'failures' in job ? (job as JobRow) : yield* read(rows.job(job as unknown as Lease));
}

/** From now on ends may be owed to these. */
export function noteOwing(control: Control, owes: readonly string[] | undefined): void {
  if (owes !== undefined) control.owing = union(control.owing, owes);
}

/** Whom a job of this spec owes its end: also those that the spec names already, as another page made it. Undefined: nobody. */
export function owing(spec: Partial<JobSpec>, { owes }: Features): readonly string[] | undefined {
  let names = spec.owes;
  for (let i = 0; i < owes.length; i++) {
    const feature = owes[i] as Features['owes'][number];
    if (feature.owes(spec)) names = union(names, [feature.name]);
  }
  return names;
}

/** Of these, who is there still: on the page, or as far as it is known not abandoned. */
export function stillOwed(rows: Rows, control: Control, owes: readonly string[]): readonly string[] {
  const { names } = hooksOf(rows);
  return owes.filter((name) => names.has(name) || control.owing?.includes(name));
}

const owedKey = (feature: string, { seq, id }: Leaver): string => join(feature, digits(seq), id);

/** A job that owes its end, or whose row does not say, leaves. */
export function* tellLeaving(
  rows: Rows,
  control: Control,
  job: Leaver,
  end: End,
  result: Result | undefined,
): Step<void> {
  const owes = (job.damage === undefined ? job.owes : control.owing) ?? NOBODY;
  const { leaves, names } = hooksOf(rows);
  const departure: Draft<Departure> = { job, end, at: control.lastNow, seq: control.seq };
  if (result !== undefined) departure.result = result;
  for (const feature of leaves) {
    if (!owes.includes(feature.name)) continue;
    yield* workOff(rows, control, feature.name, owedKey(feature.name, job));
    yield* feature.leaves(rows, control, departure);
  }
  for (const name of stillOwed(rows, control, owes))
    if (!names.has(name)) yield* owe(rows, control, name, departure);
}

/** A dead job that owes its end lives again: who heard of that hears of this; who did not need not hear of either. */
export function* tellReturning(rows: Rows, control: Control, job: JobRow): Step<void> {
  const owes = job.owes ?? NOBODY;
  noteOwing(control, job.owes);
  const { returns, names } = hooksOf(rows);
  for (const feature of returns) {
    if (!owes.includes(feature.name)) continue;
    yield* workOff(rows, control, feature.name, owedKey(feature.name, job));
    yield* feature.returns(rows, control, job);
  }
  for (const name of owes) {
    if (names.has(name)) continue;
    const key = owedKey(name, job);
    const owed = yield* read(rows.record('owed', key));
    if (owed?.end !== undefined && !owed.back) rows.dropRecord('owed', key);
    else put(rows, control, name, { job: lean(job), back: true, at: control.lastNow, seq: control.seq });
  }
}

/** A job that had ended goes for good. The feature that parked it may keep something of it: see `Hooks.discards`. */
export function* tellGone(rows: Rows, control: Control, job: JobRow): Step<void> {
  const { discards, names } = hooksOf(rows);
  for (const feature of discards) feature.discards(rows, job);
  const { parkedBy } = job;
  if (parkedBy === undefined || job.damage !== undefined || names.has(parkedBy)) return;
  const before = yield* read(rows.record('owed', owedKey(parkedBy, job)));
  put(rows, control, parkedBy, {
    ...(before ?? { job: lean(job), at: control.lastNow, seq: control.seq }),
    gone: true,
  });
}

function* owe(rows: Rows, control: Control, feature: string, departure: Departure): Step<void> {
  const { job, ...how } = departure;
  const before = yield* read(rows.record('owed', owedKey(feature, job)));
  const row = (yield* rowOfLeaver(rows, job)) ?? (job as JobRow);
  const owed: OwedRow = { job: lean(row), ...how };
  put(rows, control, feature, before?.back ? { ...owed, back: true } : owed);
}

function put(rows: Rows, control: Control, feature: string, owed: OwedRow): void {
  rows.putRecord('owed', owedKey(feature, owed.job), owed);
  control.owed = union(control.owed, [feature]);
}

/** What is told of a row: nothing of it is large. */
function lean({ payload: _, attached: _left, extras: _brought, extraBytes: _size, ...row }: JobRow): JobRow {
  return { ...row, payload: undefined } as JobRow;
}

/** The first of several records of this job is worked off before the page itself has something to tell of it. */
function* workOff(rows: Rows, control: Control, feature: string, key: string): Step<void> {
  if (!control.owed?.includes(feature)) return;
  const owed = yield* read(rows.record('owed', key));
  if (owed !== undefined) yield* hear(rows, control, feature, key, owed);
}

function* hear(rows: Rows, control: Control, name: string, key: string, owed: OwedRow): Step<void> {
  rows.dropRecord('owed', key);
  const { job, back, end, gone, ...when } = owed;
  const { leaves, returns, discards } = hooksOf(rows);
  if (back)
    for (const feature of returns) if (feature.name === name) yield* feature.returns(rows, control, job);
  if (end !== undefined) {
    const departure: Departure = { ...when, job, end, at: Math.min(when.at, control.lastNow) };
    for (const feature of leaves) if (feature.name === name) yield* feature.leaves(rows, control, departure);
  }
  if (gone) for (const feature of discards) if (feature.name === name) feature.discards(rows, job);
}

/** What other pages owe to features of this one. Bounded: `more` than that is left, or nothing was to be done (undefined). */
export function* workOffOwed(rows: Rows, control: Control): Step<{ readonly more: boolean } | undefined> {
  const mine = control.owed?.filter((name) => hooksOf(rows).names.has(name));
  if (mine === undefined || mine.length === 0) return undefined;
  let left = MAX_WORKED_OFF;
  for (const feature of mine) {
    const first = join(feature, '');
    const found = yield* read(rows.recordsAfter('owed', first, left + 1));
    const owed = found.filter(({ key }) => key.startsWith(first));
    for (const { key, value } of owed.slice(0, left)) yield* hear(rows, control, feature, key, value);
    if (owed.length > left) return { more: true };
    left -= owed.length;
    forgetOwed(control, feature);
  }
  return { more: false };
}

/** One that could not be read: of how its job ended nothing is known but its id. */
export function mendOwed(rows: Rows, control: Control, key: string): void {
  const [feature = '', seq = '', id = ''] = key.split(SEPARATOR);
  const job = {
    id,
    seq: numberOf(seq),
    damage: { why: 'what was owed of it cannot be read', raw: undefined },
  };
  const owed = { job: job as JobRow, end: 'dead', at: control.lastNow, seq: control.seq } as const;
  put(rows, control, feature, owed);
}

function forgetOwed(control: Control, feature: string): void {
  const others = control.owed?.filter((name) => name !== feature) ?? [];
  if (others.length > 0) control.owed = others;
  else delete control.owed;
}

/** Whether records are there for a feature for which there were none. */
export const owesMore = ({ owed }: Control, before: Control['owed']): boolean =>
  owed !== before && owed?.some((name) => !before?.includes(name)) === true;

/** Whether a page with these hooks has something to work off. */
export const isOwedHere = ({ names }: Features, { owed }: Control): boolean =>
  owed?.some((name) => names.has(name)) ?? false;

/** For which features records are there. */
export function* recallOwed(rows: Rows, control: Control): Step<void> {
  for (let after = ''; ; ) {
    const [first] = yield* read(rows.recordsAfter('owed', after, 1));
    if (first === undefined) return;
    const feature = first.key.slice(0, first.key.indexOf(join('', '')));
    control.owed = union(control.owed, [feature]);
    after = endOf(feature);
  }
}

/** Nothing is owed to the feature any more: up to `limit` records go. */
export function* dropOwed(
  rows: Rows,
  control: Control,
  feature: string,
  limit: number,
): Step<{ readonly dropped: number; readonly more: boolean }> {
  const first = join(feature, '');
  const found = yield* read(rows.recordsAfter('owed', first, limit));
  const owed = found.filter(({ key }) => key.startsWith(first));
  for (const { key } of owed) rows.dropRecord('owed', key);
  const more = owed.length === limit;
  if (!more) {
    forgetOwed(control, feature);
    const others = control.owing?.filter((name) => name !== feature) ?? [];
    if (others.length > 0) control.owing = others;
    else delete control.owing;
  }
  return { dropped: owed.length, more };
}
