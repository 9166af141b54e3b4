import type { Control } from '../../kernel/control-row.ts';
import { join } from '../../kernel/order.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import type { KeySpec } from './key-options.ts';

/** The key is held by the job of this id until then at least. A later end wins over an earlier one of the same job. */
export function* holdKey(
  rows: Rows,
  control: Control,
  { name, idempotencyKey = '' }: KeySpec,
  id: string,
  until: number,
): Step<void> {
  const key = join(name, idempotencyKey);
  const held = control.keysSwept === undefined ? undefined : yield* read(rows.record('key', key));
  const own = held?.id === id ? held : undefined;
  const last = Math.max(until, own?.until ?? 0);
  // The clock was looked at before, so that this is now, give or take what calls may come out of order.
  rows.putRecord('key', key, { ...own, id, until: last, forMs: Math.max(0, last - control.lastNow) });
  control.keysSwept ??= '';
}

/**
 * Goes on through the held keys, in the order of their names, and drops those whose time is over.
 *
 * @param sure the instant by which what is over is over for sure
 */
export function* sweepKeys(rows: Rows, control: Control, limit: number, sure: number): Step<void> {
  const after = control.keysSwept;
  if (after === undefined) return;
  const found = yield* read(rows.recordsAfter('key', after, limit));
  for (const { key, value } of found) if (value.until <= sure) rows.dropRecord('key', key);
  if (found.length === limit) control.keysSwept = found.at(-1)?.key ?? '';
  else if (after !== '' || found.some(({ value }) => value.until > sure)) control.keysSwept = '';
  else delete control.keysSwept;
}
