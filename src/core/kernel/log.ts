import type { LogAnswer, LogEntry, LogRequest, Transition } from './messages.ts';
import { digits } from './order.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** Transitions that one record holds at most. */
const RECORD = 100;
/** Records dropped with each that is written at most: more than one, so that a log that was made smaller shrinks. */
const DROPS = 4;

/** The operation, with its transitions in the log: the same transaction writes both. */
export function* logged<T>(
  rows: Rows,
  step: Step<T>,
  size: number,
  now: number,
  transitionsOf: (answer: T) => readonly Transition[],
): Step<T> {
  const answer = yield* step;
  const transitions = transitionsOf(answer);
  if (transitions.length > 0) yield* append(rows, transitions, size, now);
  return answer;
}

function* append(rows: Rows, transitions: readonly Transition[], size: number, now: number): Step<void> {
  const control = yield* read(rows.control());
  if (control === undefined) return;
  const { logged: last = 0 } = control;
  for (let i = 0; i < transitions.length; i += RECORD) {
    const entries = transitions.slice(i, i + RECORD).map((transition) => ({ ...transition, at: now }));
    const from = last + i + 1;
    rows.putRecord('log', digits(from), { from, entries });
  }
  control.logged = last + transitions.length;
  rows.putControl(control);
  const drops = DROPS * Math.ceil(transitions.length / RECORD);
  for (const { key, value } of yield* read(rows.recordsAfter('log', '', drops)))
    if (value.from + value.entries.length <= control.logged - size + 1) rows.dropRecord('log', key);
}

/** In the order in which they were made. */
export function* readLog(rows: Rows, { after, limit }: LogRequest): Step<LogAnswer> {
  const entries: LogEntry[] = [];
  let key = '';
  for (;;) {
    const found = yield* read(rows.recordsAfter('log', key, RECORD));
    for (const { value } of found)
      for (const [i, transition] of value.entries.entries())
        if (value.from + i > after) entries.push({ ...transition, n: value.from + i });
    key = found.at(-1)?.key ?? '';
    if (found.length < RECORD || entries.length >= limit) return entries.slice(0, limit);
  }
}
