import type { Defect } from '../defect.ts';

const GATES = 'src/browser/gates';
const INDEXEDDB = 'src/stores/indexeddb';
const PROBING = 'test/unit/probing.test.ts';
const APP = 'test/unit/app-gates.test.ts';
const PAGE = 'test/unit/browser-gates.test.ts';
const LOW = 'test/unit/low-room.test.ts';

/** Mistakes with gates, and with what a store says of itself. */
export const gateDefects: readonly Defect[] = [
  {
    name: 'probes follow each other as fast as the network comes and goes',
    file: `${GATES}/prober.ts`,
    replace: [
      'if (waitMs > 0) timer = setTimeout(begin, waitMs);',
      'if (waitMs < 0) timer = setTimeout(begin, waitMs);',
    ],
    caughtBy: [PROBING],
  },
  {
    name: 'a probe that does not answer is waited for',
    file: `${GATES}/prober.ts`,
    replace: ['setTimeout(() => end(false, true), timeoutMs)', 'setTimeout(() => end(false, true), 1e9)'],
    caughtBy: [PROBING],
  },
  {
    name: 'a gate that is closed by its probe never looks again by itself',
    file: `${GATES}/prober.ts`,
    replace: ['if (!isThere) this.#lookIn(', 'if (isThere) this.#lookIn('],
    caughtBy: [PROBING],
  },
  {
    name: 'what was found out counts on after the network was gone',
    file: `${GATES}/online.ts`,
    replace: ['if (isNow && !wasOnline) prober?.forget();', 'if (isNow && !wasOnline) prober?.rest();'],
    caughtBy: [PROBING],
  },
  {
    name: 'a hidden page probes',
    file: `${GATES}/online.ts`,
    replace: ['return isHidden() || prober', 'return prober'],
    caughtBy: [PROBING],
  },
  {
    name: 'a probe goes on when nobody hears the gate any more',
    file: `${GATES}/online.ts`,
    replace: ['      stopLooking();\n      prober?.rest();', '      stopLooking();'],
    caughtBy: [PROBING],
  },
  {
    name: 'each change of the state of an app wakes its workers',
    file: `${GATES}/when.ts`,
    replace: ['if (known !== undefined && known === before) return;', 'if (known === undefined) return;'],
    caughtBy: [APP, PAGE],
  },
  {
    name: 'who asks a gate keeps those who wait from hearing that it has opened',
    file: 'src/browser/gates/when.ts',
    replace: [
      "&& known !== before) known = 'different things'",
      '&& known !== before) known = answer as boolean',
    ],
    caughtBy: ['test/unit/app-gates.test.ts'],
  },
  {
    name: 'a gate subscribes once for each worker',
    file: `${GATES}/when.ts`,
    replace: ['if (listeners.size === 1) {', 'if (listeners.size >= 1) {'],
    caughtBy: [APP, PAGE],
  },
  {
    name: 'a gate that is told knows what it was told when nobody hears it',
    file: `${GATES}/signed-in.ts`,
    replace: ['        known = undefined;\n', ''],
    caughtBy: [APP],
  },
  {
    name: 'a battery that nobody may ask for closes its gate',
    file: `${GATES}/battery.ts`,
    replace: ['?.catch(() => undefined)', '?.finally(() => undefined)'],
    caughtBy: [PAGE],
  },
  {
    name: 'a network of which nothing is known keeps jobs waiting',
    file: `${GATES}/network.ts`,
    replace: ["type === 'unknown' || types", 'types'],
    caughtBy: [PAGE],
  },
  {
    name: 'the browser is asked for room with each enqueue',
    file: `${INDEXEDDB}/room-watch.ts`,
    replace: ['if (this.#cancelRest === undefined) void this.#look();', 'void this.#look();'],
    caughtBy: [LOW],
  },
  {
    name: 'room is measured for nobody',
    file: `${INDEXEDDB}/room-watch.ts`,
    replace: ['    if (this.#watchers === 0) return;\n    this.#hasGrown', '    this.#hasGrown'],
    caughtBy: [LOW],
  },
  {
    name: 'room that is low is told with each measure',
    file: `${INDEXEDDB}/room-watch.ts`,
    replace: ['used >= LOW && !this.#isLow', 'used >= LOW'],
    caughtBy: [LOW],
  },
  {
    name: 'a full disk is told when it is measured next',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['    this.room.full();\n    if (kind', '    if (kind'],
    caughtBy: [LOW],
  },
  {
    name: 'the health of a store rejects where the browser says nothing',
    file: `${INDEXEDDB}/in-time.ts`,
    replace: ['() => end(),', '() => Promise.reject(new Error()),'],
    caughtBy: ['test/unit/health.test.ts'],
  },
  {
    name: 'a page in the back/forward cache hears messages, which drop it',
    file: `${INDEXEDDB}/hints.ts`,
    replace: ['if (this.#isAway) this.#closeChannel();', 'if (this.#isAway) return;'],
    caughtBy: ['test/unit/hints.test.ts'],
  },
  {
    name: 'a page on its way into the back/forward cache tells nobody what it enqueues',
    file: `${INDEXEDDB}/hints.ts`,
    replace: ['if (this.#isAway) this.#post(message);', ''],
    caughtBy: ['test/unit/hints.test.ts'],
  },
];
