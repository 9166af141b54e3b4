import {
  defineJobs,
  edit,
  every,
  get,
  job,
  type LogEntry,
  log,
  pauseSchedule,
  putSchedule,
  readLog,
  resumeSchedule,
  schedules,
  schema,
  watch,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';
import { letterSchema } from './tiny-schema.ts';

const HOUR_MS = 3_600_000;
const jobs = defineJobs({ push: job<string>() });

describe('an edit', () => {
  it('changes what a waiting job runs with and when, and workers hear of it', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'first', { delayMs: HOUR_MS });
    const ran: unknown[] = [];
    work(queue, { push: (word) => void ran.push([word, elapsed()]) });
    await environment.flush();
    expect(await edit(queue, id, { payload: 'edited', delayMs: 1_000 })).toBe('edited');
    await environment.advance(2_000);
    expect(ran).toEqual([['edited', 1_000]]);
    expect(await edit(queue, id, { priority: 'low' })).toBe('unknown');
  });

  it('is checked by the schema: what that refuses changes nothing', async () => {
    const checked = defineJobs({ note: job({ payload: letterSchema, version: 3 }) });
    const { queue } = setScene(checked, { use: [schema()] });
    const { id } = await queue.enqueue('note', { to: [] });
    const before = await get(queue, id);
    const refused = edit(queue, id, { payload: { to: [7 as never] }, priority: 9 });
    await expect(refused).rejects.toMatchObject({ code: 'Payload' });
    await expect(edit(queue, id, { payload: (() => {}) as never })).rejects.toMatchObject({
      code: 'Payload',
    });
    expect(await get(queue, id)).toEqual(before);
    expect(await edit(queue, id, { payload: { to: ['me'] } })).toBe('edited');
    expect(await get(queue, id)).toMatchObject({ payload: { to: ['me'] }, version: 3 });
  });

  it('is seen by who watches, and in the log', async () => {
    const { queue, environment } = setScene(jobs, { use: [log({ size: 10 })] });
    const { id } = await queue.enqueue('push', 'x');
    let calls = 0;
    watch(queue).subscribe(() => {
      calls += 1;
    });
    await environment.advance(100);
    const before = calls;
    await edit(queue, id, { priority: 5 });
    await environment.advance(100);
    expect(calls).toBe(before + 1);
    expect(((await readLog(queue)).at(-1) as LogEntry).to).toBe('edited');
  });

  it.each([
    [{}, 'changes is an object: expected at least one of payload, priority, runAt, delayMs'],
    [{ runAt: 1, delayMs: 1 }, 'delayMs is 1: expected nothing, as runAt is given too'],
    [{ priority: 101 }, 'priority is 101'],
    [{ delayMs: -1 }, 'delayMs is -1'],
    [{ runAt: 'soon' }, 'runAt is "soon"'],
    [{ delay: 5 }, 'changes is "delay"'],
  ])('%j is refused: %s', async (changes, message) => {
    const { queue } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    await expect(edit(queue, id, changes as never)).rejects.toThrow(message);
    expect(await get(queue, id)).toMatchObject({ priority: 0, payload: 'x' });
  });
});

it('what a paused schedule would have brought comes by `missed`, once it is resumed', async () => {
  const { queue, environment, elapsed } = setScene(jobs, { use: [schedules()] });
  const ran: unknown[] = [];
  const often = { recurrence: every(HOUR_MS), name: 'push', payload: 'x' } as const;
  await putSchedule(queue, 'skips', { ...often, payload: 'skips', missed: 'skip' });
  await putSchedule(queue, 'once', { ...often, payload: 'once', missed: 'once' });
  work(queue, { push: (word) => void ran.push([word, elapsed()]) });
  for (const id of ['skips', 'once']) await pauseSchedule(queue, id);
  await environment.advance(2.5 * HOUR_MS);
  expect(ran).toEqual([]);
  for (const id of ['skips', 'once']) await resumeSchedule(queue, id);
  await environment.flush();
  expect(ran).toEqual([['once', 2.5 * HOUR_MS]]);
  await environment.advance(0.5 * HOUR_MS);
  expect(ran.slice(1).sort()).toEqual([
    ['once', 3 * HOUR_MS],
    ['skips', 3 * HOUR_MS],
  ]);
});
