import type { Control } from '../../kernel/control-row.ts';
import { isPutOff } from '../../kernel/job-row.ts';
import type { Wait } from '../../kernel/messages.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { activeByName } from './active.ts';
import type { Limits } from './name-limits.ts';
import { hasToken, namePaidAt, nextToken, rateId, unpaidBegins } from './rate.ts';
import { KEY_RATES, type RateRow } from './rate-rows.ts';
import type { Rate } from './rate-setting.ts';

declare module '../../kernel/reading-messages.ts' {
  interface Waits {
    /** So many run already: of its name, or without one of the queue. */
    'max-active': { readonly why: 'max-active'; readonly limit: number; readonly name?: string };
    /** Of its name, or of its `rateKey`. */
    rate: { readonly why: 'rate'; readonly until: number };
  }
}

/** Which limits keep a waiting job from being claimed. */
export function* limitWaits(
  rows: Rows,
  control: Control,
  row: RateRow,
  { names, maxActive }: Limits,
  now: number,
): Step<readonly Wait[]> {
  const { name } = row;
  const known = names.get(name);
  const waits: Wait[] = [];
  if (row.due > now && isPutOff(row)) waits.push({ why: 'rate', until: row.due });
  if (maxActive !== undefined && control.active >= maxActive)
    waits.push({ why: 'max-active', limit: maxActive });
  if (known?.maxActive !== undefined) {
    const active = activeByName(yield* read(rows.claims())).get(name) ?? 0;
    if (active >= known.maxActive) waits.push({ why: 'max-active', limit: known.maxActive, name });
  }
  if (known?.rate !== undefined && row.due <= now)
    waits.push(...(yield* rateWait(rows, control, row, known.rate, now)));
  return waits;
}

function* rateWait(rows: Rows, control: Control, row: RateRow, rate: Rate, now: number): Step<Wait[]> {
  const { name, rateKey } = row;
  const id = rateId(name, rateKey);
  const paidAt =
    rateKey === undefined
      ? namePaidAt(control, name)
      : ((yield* read(rows.record(KEY_RATES, id)))?.paidAt ?? 0);
  const begins = unpaidBegins(yield* read(rows.claims())).get(id);
  return hasToken(paidAt, rate, now, begins)
    ? []
    : [{ why: 'rate', until: nextToken(paidAt, rate, now, begins) }];
}
