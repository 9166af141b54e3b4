import { type Method, storesNew } from './call.ts';
import type { Context } from './context.ts';
import { callFault } from './faults.ts';
import { fullDisk, lostConnection, type Passage } from './simulated-store.ts';
import type { World } from './world.ts';

/** What befalls the next call of a context. */
export function nextPassage(world: World, context: Context, method: Method, request: unknown): Passage {
  const { calm, enabled, journal, quotaUntil, setup, timeline } = world;
  context.calls += 1;
  const id = `${context.name}#${context.calls}`;
  const random = world.random(id);
  const passage = { thereMs: random.between(0, 2), backMs: random.between(0, 2) };
  if (calm) return passage;
  if (context.outageUntil > timeline.elapsed) return { ...passage, fails: 'before', error: lostConnection() };
  if (quotaUntil > timeline.elapsed && storesNew(method, request))
    return { ...passage, fails: 'before', error: fullDisk() };
  const fault = callFault(random, enabled);
  if (fault === undefined || setup.without.has(id)) return passage;
  context.disturb(fault.kind === 'slow' ? fault.ms : 0);
  if (fault.kind === 'crash') return { ...passage, crash: fault.when };
  journal.fault(id, fault.kind === 'slow' ? 'slow' : `error ${fault.when}`, context.name);
  if (fault.kind !== 'slow') return { ...passage, fails: fault.when, error: lostConnection() };
  return { ...passage, [random.pick(['thereMs', 'backMs'])]: fault.ms };
}
