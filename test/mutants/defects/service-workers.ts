import type { Defect } from '../defect.ts';

const LEASES = 'src/core/kernel/leases.ts';
const BROWSER = 'src/browser/service-worker';
const SYNC = 'test/unit/background-sync.test.ts';

/** Mistakes with jobs in a service worker: what its end counts as, when it is woken, how a new version takes over. */
export const serviceWorkerDefects: readonly Defect[] = [
  {
    name: 'a new version asks once for the end of the old one',
    file: 'src/browser/service-worker/sync-listener.ts',
    replace: ['i < INSISTS', 'i < 1'],
    caughtBy: ['test/unit/background-sync.test.ts'],
  },
  {
    name: 'the end of a service worker is a crash',
    file: LEASES,
    replace: ['evictable.has(lease) ? countEviction', 'evictable.size > claims.length ? countEviction'],
    caughtBy: ['conformance'],
  },
  {
    name: 'every end counts as that of a service worker once one has claimed',
    file: LEASES,
    replace: ['evictable.has(lease) ? countEviction', 'evictable.size > 0 ? countEviction'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a job may end its service worker for ever',
    file: LEASES,
    replace: ['if (next.evictions % EVICTIONS_A_CRASH === 0)', 'if (next.evictions < 0)'],
    caughtBy: ['conformance'],
  },
  {
    name: 'a service worker claims without saying that it may be ended',
    file: 'src/core/kernel/exchange.ts',
    replace: [
      'evictable ? { workerId, since, evictable, leases: [] }',
      'evictable ? { workerId, since, leases: [] }',
    ],
    caughtBy: ['conformance'],
  },
  {
    name: 'a worker does not notice that it is in a service worker',
    file: 'src/core/work/workers.ts',
    replace: ["&& 'skipWaiting' in globalThis", "&& 'skipNothing' in globalThis"],
    caughtBy: ['test/unit/crashes.test.ts'],
  },
  {
    name: 'an object of Cloudflare is taken for a service worker, and poison jobs live five times as long',
    file: 'src/core/work/workers.ts',
    replace: [" && 'skipWaiting' in globalThis", ''],
    caughtBy: ['test/unit/crashes.test.ts'],
  },
  {
    name: 'a sync resolves while another tab runs the last job',
    file: `${BROWSER}/left-over.ts`,
    replace: [
      'if (activeElsewhere > 0 || closed.length > 0) return true;',
      'if (closed.length > 0) return true;',
    ],
    caughtBy: [SYNC],
  },
  {
    name: 'a job due tomorrow keeps a sync from ending',
    file: `${BROWSER}/left-over.ts`,
    replace: ['nextAt <= now + TRIED_AGAIN_WITHIN_MS', 'nextAt > now'],
    caughtBy: [SYNC],
  },
  {
    name: 'a run takes nothing along that was enqueued at its end',
    file: `${BROWSER}/sync-run.ts`,
    replace: ['if (!this.#isWanted) return all;', 'if (this.#times) return all;'],
    caughtBy: [SYNC],
  },
  {
    name: 'an old version goes on claiming beside a new one',
    file: `${BROWSER}/sync-run.ts`,
    replace: ['if (this.#isHeldBack || leftMs <= 0)', 'if (leftMs <= 0)'],
    caughtBy: [SYNC],
  },
  {
    name: 'a new version holds back for itself',
    file: `${BROWSER}/handover.ts`,
    replace: ['    if (next && next === this.#own) return;\n', ''],
    caughtBy: [SYNC],
  },
  {
    name: 'a new version does not wait for the old one',
    file: `${BROWSER}/sync-listener.ts`,
    replace: ['      event.waitUntil(this.#takeOver());\n    });', '      void this.#takeOver();\n    });'],
    caughtBy: [SYNC],
  },
];
