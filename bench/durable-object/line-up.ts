import type { BenchObject, Workerd } from './workerd.ts';

/** The contenders that could be started, by name; holdfast is always among them. */
export type LineUp = ReadonlyMap<string, Workerd>;

export const OURS = 'holdfast';

/** An object whose alarm waits for `drain`. */
export async function heldObject(workerd: Workerd): Promise<BenchObject> {
  const object = workerd.fresh();
  await object.ask({ do: 'hold' });
  return object;
}

/** Each contender but holdfast. */
export function peersIn(lineUp: LineUp): string[] {
  return [...lineUp.keys()].filter((name) => name !== OURS);
}
