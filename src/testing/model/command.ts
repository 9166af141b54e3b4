import { type Arbitrary, type AsyncCommand, nat, record } from 'fast-check';
import type { EverySpec } from '../every-feature.ts';
import { liveJobs } from './state.ts';
import type { Walk } from './walk.ts';
import { type Draft, ids, passing, payload } from './words.ts';

/** One step of a walk. What it does depends on where the walk is; what it did is told by the error of a walk that failed. */
export type WalkCommand = AsyncCommand<Walk, undefined>;

/** When, and through which of the two openings. */
interface Moment {
  readonly passMs: number;
  readonly opening: number;
}
const moment = { passMs: passing, opening: nat(1) };

/** A command that draws what `given` says, and does it at a moment of its own. */
export function command<Given>(
  what: string,
  given: { [key in keyof Given]: Arbitrary<Given[key]> },
  act: (walk: Walk, given: Given) => Promise<unknown>,
): Arbitrary<WalkCommand> {
  return record<Moment & Given>({ ...moment, ...given } as never).map((drawn) => ({
    check: () => true,
    run: async (walk) => {
      walk.move(drawn.passMs, drawn.opening);
      await act(walk, drawn);
    },
    toString: () => what,
  }));
}

/** The spec of a draft at this moment: ids that were ever named are known from then on. */
export function specOf(walk: Walk, drawn: Draft): EverySpec {
  const { payload: shown, doubted, runInMs, halts, behind, batch, ...rest } = drawn;
  const onLaneDeath = halts && drawn.lane !== undefined ? 'halt' : undefined;
  const known = doubted || walk.seen.has(drawn.id);
  walk.seen.add(drawn.id);
  const runAt = runInMs === undefined ? undefined : walk.now + runInMs;
  const tied = {
    dependsOn: dependsOn(walk, behind),
    batch: batch && walk.batches.has(batch) ? batch : undefined,
  };
  const given = Object.entries({ ...rest, ...tied, runAt, onLaneDeath }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    ...(Object.fromEntries(given) as unknown as Omit<EverySpec, 'known' | 'payload'>),
    known,
    payload: payload(shown),
  };
}

function dependsOn(walk: Walk, behind: Draft['behind']): EverySpec['dependsOn'] {
  const there = [...liveJobs(walk.state), ...walk.state.dead, ...walk.state.completed];
  const others = (behind ?? []).map(({ nth, anywhere }) =>
    anywhere ? ids[nth] : there[nth % there.length]?.id,
  );
  const known = others.filter((id) => id !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known.map((id, i) => [id, `of ${i}`]));
}
