import { memoryStore, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';
import { changed, openEdits, saved, typed } from './edits.ts';

it('docs/guides/edits.md: one job for the last state, one once the writer rests, and each change in its order', async () => {
  const environment = fakeEnvironment();
  const queue = openEdits({ store: memoryStore(), environment });
  const sent: string[] = [];
  let fails = 1;
  for (let i = 0; i < 3; i++) await saved(queue, 'a');
  for (let i = 0; i < 3; i++) await typed(queue, 'b');
  for (const change of ['1', '2', '3']) await changed(queue, { note: 'c', change });
  const worker = work(queue, {
    'note.push': ({ id }) => void sent.push(id),
    'edit.push': ({ change }) => {
      if (change === '1' && fails-- > 0) throw new Error('once');
      sent.push(change);
    },
  });
  await environment.advance(1_999);
  expect(sent.filter((word) => word === 'a' || word === 'b')).toEqual(['a']);
  await environment.advance(10_000);
  expect(sent.filter((word) => word === 'b')).toEqual(['b']);
  expect(sent.filter((word) => /\d/.test(word))).toEqual(['1', '2', '3']);
  await worker.stop();
  await queue.close();
});
