import { openControl } from './clock.ts';
import { newControl } from './control.ts';
import type { Control } from './control-row.ts';
import type { Rows } from './rows.ts';
import type { Step } from './step.ts';

/** Nobody claims jobs of this name: the queue is paused, or the name is. */
export function isPaused({ paused, pausedNames }: Control, name: string): boolean {
  return paused || (pausedNames?.includes(name) ?? false);
}

/** The whole queue without a name. Each pause is lifted by itself. */
export function* setPaused(
  rows: Rows,
  { name }: { readonly name?: string },
  paused: boolean,
  now: number,
): Step<void> {
  const control = (yield* openControl(rows, now)) ?? newControl(now);
  if (name === undefined) control.paused = paused;
  else setNamePaused(control, name, paused);
  rows.putControl(control);
}

function setNamePaused(control: Control, name: string, paused: boolean): void {
  const others = (control.pausedNames ?? []).filter((other) => other !== name);
  control.pausedNames = paused ? [...others, name] : others;
  if (control.pausedNames.length === 0) delete control.pausedNames;
}
