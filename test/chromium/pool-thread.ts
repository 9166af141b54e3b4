import { servePool } from 'holdfast/comlink';
import type { Jobs } from './hosting-worker.ts';

servePool<Jobs>({
  spin: (payload) => {
    while (payload === 'spin');
    return payload;
  },
  end: (how) => {
    if (how === 'close') self.close();
    else
      setTimeout(() => {
        throw new Error('outside of the handler');
      });
    return new Promise(() => undefined);
  },
});
