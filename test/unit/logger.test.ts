import { DeadLetterError, defineJobs, job, type Logger, UnreachableError, work } from 'holdfast';
import { describe, expect, it, vi } from 'vitest';
import { lostConnection, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>() });

function noting() {
  const lines: [level: string, event: string, details: object][] = [];
  const logger: Logger = {
    warn: (event, details) => lines.push(['warn', event, details]),
    error: (event, details) => lines.push(['error', event, details]),
  };
  return { logger, lines, said: () => lines.map(([level, event]) => `${level} ${event}`) };
}

/** Runs jobs by this handler, and what follows within a minute. */
async function live(push: () => unknown, logger?: Logger, jobCount = 1) {
  const scene = setScene(jobs, logger === undefined ? {} : { logger });
  for (let n = 0; n < jobCount; n++) await scene.queue.enqueue('push', 'x', { maxAttempts: 2 });
  work(scene.queue, { push });
  await scene.environment.advance(60_000);
  return scene;
}

describe('a logger', () => {
  it('hears of attempts that failed and of jobs that died, with the details of the events', async () => {
    const { logger, lines, said } = noting();
    await live(() => {
      throw new Error('no');
    }, logger);
    expect(said()).toEqual(['warn job:retried', 'error job:dead']);
    expect(lines[1]?.[2]).toMatchObject({ job: { name: 'push' }, error: { message: 'no' } });
  });

  it('hears of an outage', async () => {
    const { logger, said } = noting();
    const away = () => {
      throw new UnreachableError('no answer');
    };
    await live(away, logger, 3);
    expect(said()).toContain('warn target:closed');
  });

  it('hears of a store that fails a worker', async () => {
    const { logger, lines, said } = noting();
    const { queue, store, environment } = setScene(jobs, { logger });
    store.failNext('exchange', lostConnection());
    work(queue, { push: () => {} });
    await environment.flush();
    expect(said()).toEqual(['error worker:error']);
    expect(lines[0]?.[2]).toMatchObject({ error: { code: 'Store' } });
  });

  it('hears nothing of what goes well', async () => {
    const { logger, lines } = noting();
    await live(() => 'done', logger);
    expect(lines).toEqual([]);
  });

  it('that throws breaks nothing', async () => {
    const done = vi.fn();
    const broken = () => {
      throw new Error('no space left');
    };
    const { queue } = await live(
      () => {
        done();
        throw new DeadLetterError('never');
      },
      { warn: broken, error: broken },
    );
    await queue.close();
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('is none by default: the console is left alone', async () => {
    const spies = (['warn', 'error', 'log', 'info'] as const).map((name) => vi.spyOn(console, name));
    await live(() => {
      throw new Error('no');
    });
    expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
    for (const spy of spies) spy.mockRestore();
  });

  it('is refused without its methods', () => {
    expect(() => setScene(jobs, { logger: { warn: () => {} } as never })).toThrow(
      'logger is an object: expected console, or one that has its warn and error',
    );
  });
});
