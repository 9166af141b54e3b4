import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type * as Holdfast from 'holdfast';
import type * as Testing from 'holdfast/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { entries } from '../../scripts/entries.ts';

type Both = typeof Holdfast & typeof Testing;

/** The package as a bundler has it, with the condition `development` or without. */
async function bundle(inDevelopment: boolean): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from 'holdfast'; export { fakeEnvironment } from 'holdfast/testing';`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    alias: Object.fromEntries(entries.map(({ name, source }) => [name, `${process.cwd()}/${source}`])),
    plugins: [
      {
        name: 'condition',
        setup({ onResolve }) {
          if (inDevelopment)
            onResolve({ filter: /\/in-development\.ts$/ }, () => ({
              path: `${process.cwd()}/src/development/index.ts`,
            }));
        },
      },
    ],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

describe('in a build for development', () => {
  let folder: string;
  let holdfast: Both;
  let lines: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-development-'));
    const file = join(folder, 'bundle.mjs');
    await writeFile(file, await bundle(true));
    holdfast = await import(file);
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    lines = [];
    for (const level of ['warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(`${level}: ${line}`));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  function setScene(options: Partial<Holdfast.QueueOptions> = {}) {
    const { createQueue, defineJobs, job, memoryStore, fakeEnvironment } = holdfast;
    const jobs = defineJobs({ 'note.push': job<number>({ maxAttempts: 2 }), 'mail.send': job<number>() });
    const environment = fakeEnvironment();
    const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), environment, ...options });
    return { queue: queue as unknown as Holdfast.Queue<typeof jobs>, environment };
  }

  it('a line says that attempts fail, and one that jobs die, once a name however many do', async () => {
    const { queue, environment } = setScene();
    for (const n of [1, 2, 3]) await queue.enqueue('note.push', n);
    const fails = () => {
      throw new Error('no');
    };
    holdfast.work(queue, { 'note.push': fails });
    await environment.advance(60_000);
    expect(lines).toEqual([
      'warn: holdfast, queue "sync": an attempt at "note.push" failed and will be repeated (attempt 1): Error: no. (Said once.)',
      `error: holdfast, queue "sync": a job "note.push" died: Error: no. Dead jobs are kept: list(queue, { state: 'dead' }) shows them, redrive(queue, id) runs one again. (Said once.)`,
    ]);
  });

  it('a line says that a server is not reached', async () => {
    const { queue, environment } = setScene();
    for (const n of [1, 2, 3]) await queue.enqueue('note.push', n);
    const away = () => {
      throw new holdfast.UnreachableError('no answer');
    };
    holdfast.work(queue, { 'note.push': away });
    await environment.advance(600_000);
    expect(lines.filter((line) => line.includes('nobody gets through to "note.push"'))).toHaveLength(1);
  });

  it('a line says that the store fails', async () => {
    const { queue, environment } = setScene({
      store: {
        ...holdfast.memoryStore(),
        transact: () => Promise.reject(new holdfast.StoreError('gone', { retryable: true })),
      },
    });
    holdfast.work(queue, { 'note.push': () => {} });
    await environment.advance(60_000);
    expect(lines).toEqual([
      'error: holdfast, queue "sync": the store failed a worker, which tries again: StoreError: gone. (Said once.)',
    ]);
  });

  it('a line says which due jobs nobody handles, when a worker had ten seconds to come', async () => {
    const { queue, environment } = setScene();
    await queue.enqueue('mail.send', 1);
    await queue.enqueue('note.push', 1, { delayMs: 3_600_000 });
    await environment.advance(9_999);
    expect(lines).toEqual([]);
    await environment.advance(1);
    await queue.enqueue('mail.send', 2);
    await environment.advance(10_000);
    expect(lines).toEqual([
      'warn: holdfast, queue "sync": jobs "mail.send" are due, and no worker here or elsewhere has a handler for them: work(queue, { "mail.send": … }). (Said once.)',
    ]);
  });

  it('nothing is said of what goes well, and no timer is left', async () => {
    const { queue, environment } = setScene();
    holdfast.work(queue, { 'note.push': () => {}, 'mail.send': () => {} });
    await queue.enqueue('note.push', 1);
    await environment.advance(60_000);
    await queue.enqueue('note.push', 2);
    await queue.close();
    expect([lines, environment.timers]).toEqual([[], 0]);
  });

  it('a logger of your own is asked instead', async () => {
    const warn = vi.fn();
    const { queue, environment } = setScene({ logger: { warn, error: () => {} } });
    await queue.enqueue('note.push', 1);
    const fails = () => {
      throw new Error('no');
    };
    holdfast.work(queue, { 'note.push': fails });
    await environment.flush();
    expect([warn.mock.calls.map(([event]) => event), lines]).toEqual([['job:retried'], []]);
  });

  it('an event that there is not is refused', () => {
    const { queue } = setScene();
    expect(() => queue.on('job:done' as never, () => {})).toThrow(
      'event is "job:done": expected one of job:enqueued',
    );
    expect(() => queue.on('job:ded' as never, () => {})).toThrow('(did you mean "job:dead"?)');
    expect(queue.on('job:dead', () => {})).toBeTypeOf('function');
  });

  it.each([
    ['delay', 'delayMs'],
    ['delayms', 'delayMs'],
    ['prioritty', 'priority'],
    ['maxAttempt', 'maxAttempts'],
    ['lan', 'lane'],
  ])('an option that there is not is refused with what may have been meant: %s', async (given, meant) => {
    const { queue } = setScene();
    await expect(queue.enqueue('note.push', 1, { [given]: 1 })).rejects.toThrow(`(did you mean "${meant}"?)`);
  });

  it('nothing is meant by what is far from all there are', async () => {
    const { queue } = setScene();
    await expect(queue.enqueue('note.push', 1, { colour: 1 } as never)).rejects.toThrow(/^[^?]*$/);
  });
});

it('a build for production has none of the texts of development', async () => {
  const [production, development] = [await bundle(false), await bundle(true)];
  for (const text of ['Said once', 'did you mean', 'gets through to', 'has a handler for them']) {
    expect(production).not.toContain(text);
    expect(development).toContain(text);
  }
});
