import { allRecords } from '../../kernel/all-rows.ts';
import type { Control } from '../../kernel/control-row.ts';
import { digits } from '../../kernel/order.ts';
import type { FeatureKind } from '../../kernel/records.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import type { LogAnswer, LogEntry, LogRequest, Transition } from './messages.ts';

/** Transitions that were made in one transaction. */
interface LogRow {
  /** The number of the first of them. */
  readonly from: number;
  readonly entries: readonly (Transition & { readonly at: number })[];
}

const LOG = 'log' as FeatureKind<LogRow>;

/** How many transitions were ever logged; absent: it is to be found out. */
type LogControl = Control & { logged?: number };

/** Transitions that one record holds at most. */
const RECORD = 100;
/** Records dropped with each that is written at most: more than one, so that a log that was made smaller shrinks. */
const DROPS = 4;

/** Writes them down, and drops the oldest that are too many. */
export function* append(
  rows: Rows,
  transitions: readonly Transition[],
  size: number,
  now: number,
): Step<void> {
  const control: LogControl | undefined = yield* read(rows.control());
  if (control === undefined || transitions.length === 0) return;
  const last = control.logged ?? (yield* lastLogged(rows));
  for (let i = 0; i < transitions.length; i += RECORD) {
    const entries = transitions.slice(i, i + RECORD).map((transition) => ({ ...transition, at: now }));
    const from = last + i + 1;
    rows.putRecord(LOG, digits(from), { from, entries });
  }
  const logged = last + transitions.length;
  control.logged = logged;
  rows.putControl(control);
  const drops = DROPS * Math.ceil(transitions.length / RECORD);
  for (const { key, value } of yield* read(rows.recordsAfter(LOG, '', drops)))
    if (value.from + value.entries.length <= logged - size + 1) rows.dropRecord(LOG, key);
}

/** Of a queue whose row does not say: it is new, or was made anew. */
function* lastLogged(rows: Rows): Step<number> {
  const last = (yield* allRecords(rows, LOG)).at(-1)?.value;
  return last === undefined ? 0 : last.from + last.entries.length - 1;
}

/** In the order in which they were made. */
export function* entriesAfter(rows: Rows, { after, limit }: LogRequest): Step<LogAnswer> {
  const entries: LogEntry[] = [];
  let key = '';
  for (;;) {
    const found = yield* read(rows.recordsAfter(LOG, key, RECORD));
    for (const { value } of found)
      for (const [i, transition] of value.entries.entries())
        if (value.from + i > after) entries.push({ ...transition, n: value.from + i });
    key = found.at(-1)?.key ?? '';
    if (found.length < RECORD || entries.length >= limit) return entries.slice(0, limit);
  }
}
