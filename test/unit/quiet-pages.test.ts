import {
  checkpoints,
  count,
  enqueueFlow,
  every,
  explain,
  flows,
  job,
  limits,
  type MemoryBacking,
  memoryBacking,
  putSchedule,
  schedules,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { deaf, setScene } from './scene.ts';

const HOUR_MS = 3_600_000;
const jobs = { push: job<string>() };

/** Where pages are that have a feature, and one that has none. */
const place = () => ({ backing: memoryBacking() as MemoryBacking, environment: fakeEnvironment() });
type Place = ReturnType<typeof place>;

/** How often the worker of a page without features asks its store. */
async function callsInAnHour(where: Place = place()) {
  const { queue, store } = setScene(jobs, where);
  const ran: string[] = [];
  work(queue, { push: (payload) => void ran.push(payload) });
  await where.environment.advance(1_000);
  const before = store.calls.length;
  await where.environment.advance(HOUR_MS);
  return { asked: store.calls.length - before, ran, queue };
}

describe('in an hour the worker of a page without features asks its store as often as over an empty queue', () => {
  it('while a job is due that must not be run without a feature', async () => {
    const where = place();
    const { queue, environment } = setScene(jobs, { ...where, use: [checkpoints()] });
    const { id } = await queue.enqueue('push', 'x');
    work(queue, {
      push: async (_, { checkpoint, release }) => {
        await checkpoint('half');
        return release({ delayMs: 500 });
      },
    });
    await environment.flush();
    await queue.close({ graceMs: 0 });
    const page = await callsInAnHour(where);
    expect(await explain(page.queue, id)).toMatchObject({ waits: [{ why: 'needs-feature' }] });
    expect(page).toMatchObject({ ran: [], asked: (await callsInAnHour()).asked });
  });

  it('while a limit of another page holds jobs that are due: the one that runs there is all that it looks after', async () => {
    const asked = async (...payloads: string[]) => {
      const where = place();
      const { queue, environment } = setScene(jobs, { ...where, use: [limits({ push: { maxActive: 1 } })] });
      for (const payload of payloads) await queue.enqueue('push', payload);
      work(queue, { push: deaf });
      await environment.flush();
      const page = await callsInAnHour(where);
      expect(await count(page.queue)).toMatchObject({ active: 1, pending: payloads.length - 1 });
      expect(page.ran).toEqual([]);
      return page.asked;
    };
    expect(await asked('x', 'y', 'z')).toBe(await asked('x'));
  });

  it('while an end waits for a feature that hears of it', async () => {
    const where = place();
    const { queue } = setScene(jobs, { ...where, use: [flows()] });
    await enqueueFlow(queue, {
      first: { name: 'push', payload: 'x' },
      second: { name: 'push', payload: 'y', dependsOn: ['first'] },
    });
    await queue.close();
    const page = await callsInAnHour(where);
    expect(await count(page.queue)).toMatchObject({ pending: 1, completed: 1 });
    expect(page).toMatchObject({ ran: ['x'], asked: (await callsInAnHour()).asked });
  });

  it('while ticks of a schedule are due', async () => {
    const where = place();
    const { queue } = setScene(jobs, { ...where, use: [schedules()] });
    await putSchedule(queue, 'often', { recurrence: every(60_000), name: 'push', payload: 'x' });
    await queue.close();
    expect(await callsInAnHour(where)).toMatchObject({ ran: [], asked: (await callsInAnHour()).asked });
  });
});
