import {
  type CheckpointContext,
  checkpoints,
  count,
  type Feature,
  type HandlerContext,
  job,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const PARTS = [
  'job',
  'attempt',
  'tries',
  'fence',
  'signal',
  'progress',
  'extend',
  'release',
  'enqueue',
  'log',
];

/** What a handler did with its context, and what its job came to. */
async function handled(handler: (context: HandlerContext) => unknown, use: readonly Feature[] = []) {
  const { queue, environment } = setScene({ push: job<string>(), next: job<string>() }, { use });
  const { id } = await queue.enqueue('push', 'x');
  let outcome: unknown;
  const told: unknown[] = [];
  queue.on('job:progress', ({ value }) => told.push(value));
  queue.on('job:log', ({ message }) => told.push(message));
  work(queue, {
    push: async (_, context) => {
      outcome = await handler(context);
    },
  });
  await environment.flush();
  return { outcome, told, counts: await count(queue), id, queue };
}

describe('the context of a handler', () => {
  it('gives all that it has when it is spread', async () => {
    const { outcome, told, counts, id } = await handled((context) => {
      const copy = { ...context };
      copy.progress(1);
      copy.log('hello');
      copy.enqueue('next', 'y');
      return copy;
    });
    expect(Object.keys(outcome as object)).toEqual(PARTS);
    expect(outcome).toMatchObject({ job: { id, payload: 'x' }, attempt: 1, signal: { aborted: false } });
    expect(told).toEqual([1, 'hello']);
    expect(counts).toMatchObject({ completed: 1, pending: 1 });
  });

  it('gives functions that work by themselves', async () => {
    let runs = 0;
    const { outcome, counts } = await handled(async ({ attempt, fence, signal, extend, release }) => {
      runs += 1;
      return runs === 1 ? release() : [attempt, fence > 0, signal.aborted, await extend()];
    });
    expect(outcome).toEqual([1, true, false, true]);
    expect(counts).toMatchObject({ completed: 1 });
  });

  it('gives what a feature adds in the same way', async () => {
    const { outcome, counts } = await handled(
      async (context) => {
        const { job: mine, checkpoint, release } = { ...context } as HandlerContext & CheckpointContext;
        if (mine.checkpoint === 'left') return Object.keys(context);
        await checkpoint('left');
        return release();
      },
      [checkpoints()],
    );
    expect(outcome).toEqual([...PARTS, 'checkpoint']);
    expect(counts).toMatchObject({ completed: 1 });
  });

  it('shows its parts to who lists them, and makes no AbortController for that', async () => {
    const Real = globalThis.AbortController;
    let made = 0;
    globalThis.AbortController = class extends Real {
      constructor() {
        super();
        made += 1;
      }
    };
    try {
      const { outcome } = await handled((context) => {
        const keys = [Object.keys(context), Object.getOwnPropertyNames(context), 'signal' in context];
        const before = made;
        void context.signal;
        void context.signal;
        return [...keys, before, made, 'nothing' in context];
      });
      expect(outcome).toEqual([PARTS, PARTS, true, 0, 1, false]);
    } finally {
      globalThis.AbortController = Real;
    }
  });

  it('cannot be changed', async () => {
    const { outcome } = await handled((context) => {
      const change = () => Object.assign(context, { attempt: 9 });
      return [() => change(), () => Object.assign(context, { more: 1 })].map((act) => {
        try {
          act();
          return 'changed';
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(outcome).toEqual(['TypeError', 'TypeError']);
  });
});
