import { InvalidOptionError } from '../../kernel/errors.ts';
import { join } from '../../kernel/order.ts';
import type { FlowSpec } from './options.ts';

/** Throws InvalidOptionError for jobs of one call that wait for each other. */
export function checkCycles(specs: readonly FlowSpec[]): void {
  if (specs.every(({ dependsOn }) => dependsOn === undefined)) return;
  const next = pathsOf(specs);
  const done = new Set<string>();
  for (const { id } of specs) checkPaths(id, next, done);
}

/** By id, the ids of the call that a job leads to. One that shares its key with an earlier one may become that one's duplicate. */
function pathsOf(specs: readonly FlowSpec[]): ReadonlyMap<string, readonly string[]> {
  const here = new Set(specs.map(({ id }) => id));
  const byKey = new Map<string, string>();
  const next = new Map<string, readonly string[]>();
  for (const { id, name, idempotencyKey, dependsOn = {} } of specs) {
    if (next.has(id)) continue;
    const scope = idempotencyKey === undefined ? undefined : join(name, idempotencyKey);
    const first = scope === undefined ? undefined : byKey.get(scope);
    if (scope !== undefined && first === undefined) byKey.set(scope, id);
    const ids = Object.keys(dependsOn).filter((other) => here.has(other));
    next.set(id, first === undefined ? ids : [...ids, first]);
  }
  return next;
}

/** Depth first without recursion: a chain may be as long as a call. */
function checkPaths(from: string, next: ReadonlyMap<string, readonly string[]>, done: Set<string>): void {
  const path = new Set<string>();
  const stack = [{ id: from, leaves: false }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { id, leaves } = top;
    if (leaves) {
      path.delete(id);
      done.add(id);
      continue;
    }
    if (path.has(id))
      throw new InvalidOptionError(
        'dependsOn',
        [...path, id].join(' → '),
        'jobs that do not wait for each other',
      );
    if (done.has(id)) continue;
    path.add(id);
    stack.push({ id, leaves: true });
    for (const other of next.get(id) ?? []) stack.push({ id: other, leaves: false });
  }
}
