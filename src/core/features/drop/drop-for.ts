import type { Control } from '../../kernel/control-row.ts';
import { dropWaiting } from '../../kernel/lane.ts';
import type { Guest } from '../../kernel/plan.ts';
import type { Rows } from '../../kernel/rows.ts';
import type { Step } from '../../kernel/step.ts';

/**
 * Drops what was found to have to go, the parked first, while they are. Not before the rows of the guests are written: what is dropped promotes what
 * waits behind it, perhaps the very row that one of them replaces.
 */
export function* dropFor(rows: Rows, control: Control, guests: readonly Guest[], now: number): Step<void> {
  if (guests.every(({ drops }) => drops === undefined)) return;
  const drops = guests.flatMap((guest) => guest.drops ?? []);
  for (const at of ['parked', 'jobs'] as const)
    for (const victim of drops.filter((drop) => drop.at === at)) {
      yield* dropWaiting(rows, control, victim, now);
      control.dropped = (control.dropped ?? 0) + 1;
    }
}
