import { constantFrom, nat, option } from 'fast-check';
import { command, specOf } from './command.ts';
import { batches, draft, id } from './words.ts';

const batch = constantFrom(...batches);

export const putBatch = command(
  'put batch',
  { batch, last: option(draft, { nil: undefined }) },
  async (walk, { batch: each, last }) => {
    // Whoever names its id may have used it before the batch is over.
    const whenDone = last && {
      ...specOf(walk, { ...last, behind: undefined, batch: undefined }),
      known: true,
    };
    await walk.ask('putBatch', { id: each, ...(whenDone && { whenDone }) });
    const counts = await walk.ask('countBatch', { id: each });
    if (counts?.closed === false) walk.batches.add(each);
  },
);

export const closeBatch = command('close batch', { batch }, async (walk, { batch: each }) => {
  walk.batches.delete(each);
  await walk.ask('closeBatch', { id: each });
});

export const countBatch = command('count batch', { batch }, (walk, { batch: each }) =>
  walk.ask('countBatch', { id: each }),
);

export const explain = command('explain', { id }, (walk, given) => walk.ask('explain', { id: given.id }));
export const stats = command('stats', {}, (walk) => walk.ask('stats', {}));
export const log = command('log', { after: nat(30) }, (walk, { after }) =>
  walk.ask('log', { after, limit: 20 }),
);
