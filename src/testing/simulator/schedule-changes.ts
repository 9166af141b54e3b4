import {
  every,
  type KeyOptions,
  pause,
  putSchedule,
  type ResultOptions,
  removeSchedule,
  resume,
  type ScheduleDefinition,
} from '../../core/index.ts';
import type { EveryOption } from '../every-feature.ts';
import type { Context } from './context.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** Few, so that they are changed while they tick. */
export const SCHEDULES = ['often', 'seldom'] as const;

const SECOND_MS = 1_000;

/** What users do to a schedule: they put it, put it anew with another recurrence, or remove it. */
export async function changeSchedule(
  world: World,
  id: string,
  context: Context,
  random: Random,
): Promise<void> {
  if (random.chance(0.2)) {
    await removeSchedule(context.queue, id);
    return;
  }
  const put = async (schedule: ScheduleDefinition) => {
    const answer = await putSchedule(context.queue, id, schedule);
    const { ledger, journal } = world;
    ledger.schedules.checkAnswer(id, answer, (rule, text) => journal.fail(rule, text));
  };
  const next = () => nextSchedule(world, context, random);
  if (random.chance(0.5)) {
    await put(next());
    return;
  }
  // Ticks come due while their name is paused, and by then the recurrence is another.
  const first = { ...next(), recurrence: every(SECOND_MS) };
  await put(first);
  await pause(context.queue, first.name);
  await context.sleep(SECOND_MS + random.spread(SECOND_MS));
  await put(next());
  await resume(context.queue, first.name);
}

function nextSchedule(
  { setup }: World,
  context: Context,
  random: Random,
): ScheduleDefinition<string, unknown, KeyOptions & ResultOptions> {
  const { name, payload, options = {} } = setup.workload.next(random, context);
  const { id: _id, runAt: _at, delayMs: _delay, dependsOn: _others, ...rest }: EveryOption = options;
  return {
    recurrence: every(SECOND_MS * random.pick([1, 2, 5, random.between(1, 60)])),
    name,
    payload,
    options: rest,
    missed: random.pick(['skip', 'once', { all: 3 }] as const),
    overlap: random.chance(0.5),
  };
}
