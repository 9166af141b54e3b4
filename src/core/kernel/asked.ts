import type { Control } from './control-row.ts';
import { hooksOf } from './features.ts';
import type { ClaimRequest, ExchangeAnswer } from './messages.ts';
import type { Rows } from './rows.ts';
import type { Step } from './step.ts';

/** When those have something to do that a claim asks for. Undefined: none has. */
export function* askFeatures(
  rows: Rows,
  control: Control,
  asks: ClaimRequest['asks'],
  now: number,
): Step<ExchangeAnswer['asked']> {
  if (asks === undefined) return undefined;
  let asked: Record<string, number> | undefined;
  for (const feature of hooksOf(rows).asks) {
    const { name } = feature;
    const at = Object.hasOwn(asks, name) ? yield* feature.asks(rows, control, asks[name], now) : undefined;
    if (at !== undefined) asked = { ...asked, [name]: at };
  }
  return asked;
}
