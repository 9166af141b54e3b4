import type { Behaviour } from './protocol.ts';
import { Refusal } from './refusal.ts';

const MODES: readonly unknown[] = ['normal', 'down', 'fail', 'reject', 'busy'];
const LIMITS = { failTimes: 1_000, slowMs: 60_000, retryAfterS: 3_600 } as const;

/** Reads a behaviour out of a JSON body; throws Refusal 422 with the name of what is wrong. */
export function parseBehaviour(body: unknown): Behaviour {
  if (typeof body !== 'object' || body === null) throw new Refusal(422, 'expected an object');
  const { mode, slowWhen, ...rest } = body as Record<string, unknown>;
  if (!MODES.includes(mode)) throw new Refusal(422, 'mode: expected normal, down, fail, reject or busy');
  if (slowWhen !== undefined && slowWhen !== 'before' && slowWhen !== 'after')
    throw new Refusal(422, 'slowWhen: expected before or after');
  const numbers = Object.entries(LIMITS).flatMap(([name, max]) => {
    const value = rest[name];
    if (value === undefined) return [];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max)
      throw new Refusal(422, `${name}: expected a whole number from 1 to ${max}`);
    return [[name, value] as const];
  });
  return {
    mode: mode as Behaviour['mode'],
    ...(slowWhen === undefined ? {} : { slowWhen }),
    ...Object.fromEntries(numbers),
  };
}

/** The refusal that the behaviour asks for now, and the behaviour afterwards. */
export function nextMood(behaviour: Behaviour): { refusal?: Refusal; after: Behaviour } {
  if (behaviour.mode === 'normal') return { after: behaviour };
  const { failTimes, ...rest } = behaviour;
  const refusal = refusalOf(behaviour);
  if (failTimes === undefined) return { refusal, after: behaviour };
  return {
    refusal,
    after: failTimes > 1 ? { ...rest, failTimes: failTimes - 1 } : { ...rest, mode: 'normal' },
  };
}

function refusalOf({ mode, retryAfterS = 5 }: Behaviour): Refusal {
  if (mode === 'busy') return new Refusal(429, 'too many requests', { 'Retry-After': String(retryAfterS) });
  if (mode === 'down') return new Refusal(503, 'nobody is there');
  return mode === 'reject'
    ? new Refusal(422, 'the server refuses this note')
    : new Refusal(500, 'told to fail');
}
