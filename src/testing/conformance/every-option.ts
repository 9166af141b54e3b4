import { describe, expect, it } from 'vitest';
import type { Kept } from '../../core/kernel/messages.ts';
import type { EverySpec } from '../every-feature.ts';
import { OPTIONS, type Option, sampleOf } from './samples.ts';
import type { Scene } from './scene.ts';
import { bury, complete, retry, spec, T } from './spec.ts';

/** What is over when the job is stored: it says how, and is not the job's. */
const SPENT: readonly Option[] = ['delayMs', 'durability', 'onDuplicate', 'keyForMs', 'maxWaitMs'];
const CARRIED = OPTIONS.filter((option) => !SPENT.includes(option));

/** Taken by the place that the job has already, or refused with a key that replaces. */
const NOT_REPLACED: readonly Option[] = ['id', 'idempotencyKey', 'dependsOn', 'onDependencyDeath'];

/** A job with an option, and what its options are to be when it is read. */
function jobWith(option: Option) {
  const { kept } = sampleOf(option);
  const { dependsOn, ...rest } = kept;
  const given = rest as Partial<EverySpec>;
  const shown = Object.fromEntries(Object.entries(kept).filter(([name]) => !SPENT.includes(name as Option)));
  const waits = dependsOn === undefined ? {} : { dependsOn: { parent: 'parent' } };
  return {
    given: { ...given, ...waits },
    shown: dependsOn === undefined ? shown : { ...shown, dependsOn: ['parent'] },
    id: given.id ?? 'y',
  };
}

export function describeEveryOption(scene: Scene): void {
  describe('every option of an enqueue', () => {
    describeStays(scene);
    describeReplaces(scene);
  });
}

function describeStays(scene: Scene): void {
  it.each(CARRIED)(
    'is in the row of its job, and shown by it, whatever becomes of that: %s',
    async (option) => {
      const { a, b } = scene;
      const { given, shown, id } = jobWith(option);
      if (given.dependsOn !== undefined) await a.enqueue(T, spec('parent', { name: 'parent' }));
      await a.enqueue(T, { ...spec(id), ...given });
      const { runAt: now } = await b.job(id);
      expect(await b.job(id)).toMatchObject(shown);
      if (given.dependsOn !== undefined)
        await a.exchange(now, [[await b.claimOne(now, { names: ['parent'] }), complete()]], { names: [] });
      const first = await b.claimOne(now);
      expect(first.job).toMatchObject(shown);
      expect(await a.job(id)).toMatchObject(shown);
      await a.settle(now, first, retry(now + 1));
      const { runAt: _, ...lasting } = shown;
      expect(await b.job(id)).toMatchObject(lasting);
      await b.settle(now + 1, await a.claimOne(now + 1), bury());
      expect(await a.job(id)).toMatchObject({ state: 'dead', ...lasting });
      expect(await a.redrive(now + 2, id)).toEqual(['redriven']);
      expect((await b.claimOne(now + 2)).job).toMatchObject(lasting);
    },
  );
}

function describeReplaces(scene: Scene): void {
  const options = OPTIONS.filter((option) => !NOT_REPLACED.includes(option));
  const cases = (['replace', 'restart', 'debounce'] as const).flatMap((onDuplicate) =>
    options.map((option) => ({ onDuplicate, option })),
  );
  it.each(cases)(
    'of a newcomer by $onDuplicate is its job’s, or its call says what is kept: $option',
    async (each) => {
      const { a, b } = scene;
      const { onDuplicate, option } = each;
      const { given, shown } = jobWith(option);
      const key = { idempotencyKey: 'x' };
      await a.enqueue(T, spec('x', key));
      const [answer] = await b.enqueue(T, spec('y', { ...given, ...key, onDuplicate }));
      expect(answer).toMatchObject({ id: 'x', status: 'replaced' });
      const name = option === 'delayMs' ? 'runAt' : option;
      const asked = option === 'delayMs' ? T + 7 : shown[option];
      if (asked !== undefined && !answer?.kept?.includes(name as Kept))
        expect(await a.job('x')).toMatchObject({ [name]: asked });
    },
  );
}
