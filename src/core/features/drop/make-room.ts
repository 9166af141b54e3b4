import { claimedIds } from '../../kernel/claims-row.ts';
import type { Control } from '../../kernel/control-row.ts';
import type { JobRow } from '../../kernel/job-row.ts';
import { type Crowd, full, growthOf, isDelayed, isOver, MEASURES, sum } from '../../kernel/load.ts';
import type { Guest } from '../../kernel/plan.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { type Policy, Victims } from './victims.ts';

/** Finds out what has to go for each guest. Changes nothing. Throws QueueFullError where too little may go. */
export function* makeRoom(
  rows: Rows,
  control: Control,
  policy: Policy,
  crowd: Crowd,
  now: number,
): Step<void> {
  const { guests } = crowd;
  const spared = claimedIds(yield* read(rows.claims()));
  for (const { id, spares = [] } of guests) for (const needed of [id, ...spares]) spared.add(needed);
  const victims = new Victims(rows, control, policy, spared, now);
  for (const guest of guests) yield* roomFor(rows, crowd, guest, victims, now);
}

function* roomFor(
  rows: Rows,
  { limits, load, refuses }: Crowd,
  guest: Guest,
  victims: Victims,
  now: number,
): Step<void> {
  const before = { ...load };
  Object.assign(load, sum(load, growthOf([guest], now)));
  for (const measure of MEASURES)
    while (isOver(limits, measure, load, before)) {
      const victim = yield* victims.next(guest.row as JobRow, measure === 'delayed');
      if (victim === undefined && refuses) throw full(rows, limits, measure, load);
      if (victim === undefined) break;
      guest.drops = [...(guest.drops ?? []), victim];
      load.depth -= 1;
      load.bytes -= victim.row.size;
      if (isDelayed(victim, now)) load.delayed -= 1;
    }
}
