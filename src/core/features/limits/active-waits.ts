import type { Control } from '../../kernel/control-row.ts';
import type { Wait } from '../../kernel/messages.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { activeByName } from './active.ts';
import type { Limits } from './name-limits.ts';

/** Which limits leave no room for a job of the name. */
export function* activeWaits(
  rows: Rows,
  control: Control,
  name: string,
  { names, maxActive }: Limits,
): Step<readonly Wait[]> {
  const waits: Wait[] = [];
  if (maxActive !== undefined && control.active >= maxActive)
    waits.push({ why: 'max-active', limit: maxActive });
  const limit = names.get(name)?.maxActive;
  if (limit === undefined) return waits;
  const active = activeByName(yield* read(rows.claims())).get(name) ?? 0;
  if (active >= limit) waits.push({ why: 'max-active', limit, name });
  return waits;
}
