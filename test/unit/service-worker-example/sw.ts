// sw.ts
import { send } from 'holdfast';
import { backgroundSync } from 'holdfast/service-worker';
import { makeQueue } from './jobs.ts';

backgroundSync(makeQueue(), {
  'note.push': async ({ text }, { signal }) => {
    await send('/api/notes', { method: 'POST', body: text, signal });
  },
});
