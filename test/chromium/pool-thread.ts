import { servePool } from 'holdfast/comlink';
import type { Jobs } from './hosting-worker.ts';

servePool<Jobs>({
  spin: (payload) => {
    if (payload === 'close') self.close();
    if (payload === 'throw')
      setTimeout(() => {
        throw new Error('outside of the handler');
      });
    while (payload === 'spin');
    return payload === 'close' || payload === 'throw' ? new Promise(() => undefined) : payload;
  },
});
