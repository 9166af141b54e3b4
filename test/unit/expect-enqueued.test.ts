import { defineJobs, job } from 'holdfast';
import { expectEnqueued } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

interface Note {
  readonly id: string;
  readonly author: { readonly name: string; readonly tags: readonly string[] };
  readonly at: Date;
}

const jobs = defineJobs({ 'note.push': job<Note>(), ping: job<number>() });
const note: Note = { id: 'a', author: { name: 'Ada', tags: ['x', 'y'] }, at: new Date(0) };

async function withNote() {
  const scene = setScene(jobs);
  const { id } = await scene.queue.enqueue('note.push', note, { lane: 'a', priority: 'high' });
  return { ...scene, id };
}

describe('expectEnqueued', () => {
  it('resolves with the job', async () => {
    const { queue, id } = await withNote();
    const { payload, ...found } = await expectEnqueued(queue, 'note.push');
    expect([found.id, payload.author.name]).toEqual([id, 'Ada']);
  });

  it('matches the payload in part, at any depth', async () => {
    const { queue } = await withNote();
    await expectEnqueued(queue, 'note.push', { author: { tags: ['x', 'y'] } });
    await expectEnqueued(queue, 'note.push', { at: new Date(0) });
  });

  it.each([
    [{ id: 'b' }, 'payload.id'],
    [{ author: { name: 'Bob' } }, 'payload.author.name'],
    [{ author: { tags: ['x'] } }, 'payload.author.tags'],
    [{ author: { tags: ['x', 'z'] } }, 'payload.author.tags[1]'],
    [{ at: new Date(1) }, 'payload.at'],
  ])('says where what is there differs: %j', async (payload, where) => {
    const { queue } = await withNote();
    await expect(expectEnqueued(queue, 'note.push', payload)).rejects.toThrow(`which differs in ${where}`);
  });

  it('asks the matchers of a test runner', async () => {
    const { queue } = await withNote();
    await expectEnqueued(queue, 'note.push', { id: expect.any(String) });
    await expect(expectEnqueued(queue, 'note.push', { id: expect.any(Number) })).rejects.toThrow(
      'payload.id',
    );
  });

  it('matches the other facts of the job', async () => {
    const { queue } = await withNote();
    await expectEnqueued(queue, 'note.push', { id: 'a' }, { lane: 'a', priority: 10 });
    await expect(expectEnqueued(queue, 'note.push', {}, { lane: 'b' })).rejects.toThrow('differs in lane');
  });

  it('shows what is there instead, the same name first', async () => {
    const { queue } = await withNote();
    await queue.enqueue('ping', 1);
    const wrong = expectEnqueued(queue, 'ping', 2, { lane: 'x' });
    await expect(wrong).rejects.toThrow(
      [
        'expected a job "ping" with payload 2 with {"lane":"x"}; the queue has',
        '- "ping", pending, with payload 1, which differs in payload',
        '- "note.push", pending, with payload {"id":"a","author":{"name":"Ada","tags":["x","y"]},"at":"1970-01-01T00:00:00.000Z"}',
      ].join('\n'),
    );
  });

  it('says that there is nothing', async () => {
    await expect(expectEnqueued(setScene(jobs).queue, 'ping')).rejects.toThrow(
      'expected a job "ping"; the queue is empty',
    );
  });

  it('waits for an enqueue that is on its way', async () => {
    const { queue } = setScene(jobs);
    void Promise.resolve().then(() => queue.enqueue('ping', 1));
    await expectEnqueued(queue, 'ping', 1);
  });

  it('refuses a name that the queue does not have', async () => {
    // @ts-expect-error the queue has no job of this name
    await expect(expectEnqueued(setScene(jobs).queue, 'pong')).rejects.toMatchObject({ code: 'UnknownJob' });
  });

  it('takes parts of the payload that the name has', () => {
    const never = () => {
      const { queue } = setScene(jobs);
      // @ts-expect-error this one is a number
      void expectEnqueued(queue, 'ping', { id: 'a' });
      // @ts-expect-error an author has no age
      void expectEnqueued(queue, 'note.push', { author: { age: 3 } });
      // @ts-expect-error jobs have no colour
      void expectEnqueued(queue, 'note.push', {}, { colour: 'red' });
    };
    expect(never).toBeTypeOf('function');
  });
});
