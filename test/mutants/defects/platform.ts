import type { Defect } from '../defect.ts';

const INDEXEDDB = 'src/stores/indexeddb';

/** Mistakes with what a browser brings, keeps back or freezes. */
export const platformDefects: readonly Defect[] = [
  {
    name: 'who looks whether a worker lives asks for its lock whole: a frozen watcher hides the end',
    file: `${INDEXEDDB}/sign-of-life.ts`,
    replace: ["{ mode: 'shared', ifAvailable: true }", '{ ifAvailable: true }'],
    caughtBy: ['test/unit/hints.test.ts'],
  },
  {
    name: 'a page that becomes hidden looks for work',
    file: `${INDEXEDDB}/hints.ts`,
    replace: [' && isHidden()) return;', ' && isHidden() && event.bubbles) return;'],
    caughtBy: ['test/unit/hints.test.ts'],
  },
  {
    name: 'a browser that forbids IndexedDB is asked again and again',
    file: `${INDEXEDDB}/connection.ts`,
    replace: [
      '    throw forbidden(cause);\n  }\n  return opening;',
      '    throw unopened(given[0], new Error());\n  }\n  return opening;',
    ],
    caughtBy: ['test/unit/server-side.test.ts'],
  },
  {
    name: 'a worker goes on asking a database that is of a newer version',
    file: 'src/core/queue/refusal.ts',
    replace: ["['StoreUnavailable', 'StoreOutdated']", "['StoreUnavailable']"],
    caughtBy: ['test/unit/outdated.test.ts'],
  },
  {
    name: 'a transaction that gets answers is taken for one that stands still',
    file: `${INDEXEDDB}/open-transactions.ts`,
    replace: ['moved ||= open.hasMoved || ', 'moved ||= '],
    caughtBy: ['test/unit/blocked.test.ts'],
  },
  {
    name: 'a transaction that waits for others of its page is taken for one that stands still',
    file: `${INDEXEDDB}/open-transactions.ts`,
    replace: [
      '    let moved = false;\n    for (const open of [...this.#open]) {',
      '    for (const open of [...this.#open]) {\n      let moved = false;',
    ],
    caughtBy: ['test/unit/blocked.test.ts'],
  },
  {
    name: 'what stands still is reported and goes on standing in the way',
    file: `${INDEXEDDB}/open-transactions.ts`,
    replace: ['    abort(open);\n    const problem', '    const problem'],
    caughtBy: ['test/unit/blocked.test.ts'],
  },
  {
    name: 'a page that freezes leaves its transactions open',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['() => this.#open.freeze(),', '() => undefined,'],
    caughtBy: ['test/unit/frozen.test.ts'],
  },
  {
    name: 'a frozen page begins transactions',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: [
      'if (!this.#page.mayBegin(kind)) throw',
      "if (!this.#page.mayBegin(kind) && kind === 'reader') throw",
    ],
    caughtBy: ['test/unit/frozen.test.ts'],
  },
  {
    name: 'a prerendered page works',
    file: `${INDEXEDDB}/indexeddb-store.ts`,
    replace: ['return this.#page.whenAwake() ?? whenActivated();', 'return this.#page.whenAwake();'],
    caughtBy: ['test/unit/frozen.test.ts'],
  },
  {
    name: 'an enqueue that waited for the end of a freeze carries the instant before it',
    file: 'src/core/kernel/operation.ts',
    replace: [
      `  return {
    queue,
    name: operation.name,
    args,
    kind: operation.kind,
    features,
    run: (rows) => {
      const now = clock();`,
      `  const now = clock();
  return {
    queue,
    name: operation.name,
    args,
    kind: operation.kind,
    features,
    run: (rows) => {`,
    ],
    caughtBy: ['test/unit/frozen.test.ts'],
  },
  {
    name: 'a database that was deleted is not missed where another tab has made it anew',
    file: `${INDEXEDDB}/connection.ts`,
    replace: ['before !== undefined && before !== birth', "before !== undefined && birth === ''"],
    caughtBy: ['test/unit/lost.test.ts'],
  },
  {
    name: 'a built-in is used that the oldest browsers lack',
    file: `${INDEXEDDB}/neighbours.ts`,
    replace: [
      'const streams: OfStream[] = [];\n  for (const place of places) {',
      'const streams: OfStream[] = [...Object(Map).groupBy(places.slice(0, 0), String).values()];\n  for (const place of places) {',
    ],
    caughtBy: ['test/unit/browser-floor.test.ts'],
  },
  {
    name: 'where the platform keeps back randomness there are no ids',
    file: 'src/core/random.ts',
    replace: ['  } catch {\n    for', '  } catch (error) {\n    if (bytes.length > 0) throw error;\n    for'],
    caughtBy: ['test/unit/platform.test.ts'],
  },
  {
    name: 'a hidden page enqueues as any other, and is gone before the second step',
    file: `${INDEXEDDB}/page-life.ts`,
    replace: ['return this.isLeft || isHidden();', 'return this.isLeft;'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'what was under way when its page was left stays with a transaction that never ends',
    file: `${INDEXEDDB}/open-transactions.ts`,
    replace: ['if (open.enqueues) this.#giveUp(open)', 'if (!open.enqueues) this.#giveUp(open)'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'what a leaving page stored is not seen by who reads',
    file: 'src/core/kernel/sorting.ts',
    replace: [
      "if (transaction.isPlain || transaction.kind === 'enqueuer')",
      "if (transaction.kind !== 'drainer')",
    ],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'what somebody else has sorted in is enqueued again by its page',
    file: 'src/core/kernel/unless-sorted.ts',
    replace: [
      'if (!(yield* read(rows.isUnsorted?.(key))))',
      'if ((yield* read(rows.isUnsorted?.(key))) === undefined)',
    ],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'what a leaving page stored is dated when it is sorted in',
    file: 'src/core/kernel/sorting.ts',
    replace: ['Math.max(at, control.lastNow)', 'Math.max(at, control.lastNow) + 30_000'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'a page without the features of a call sorts it in',
    file: 'src/core/kernel/sorting.ts',
    replace: ['uses.every((name) => names.has(name))', 'uses.every((name) => name !== names.toString())'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'what is refused is sorted in by others all the same',
    file: 'src/core/queue/committer.ts',
    replace: ['if (key !== undefined && !doubtful) await', 'if (key !== undefined && doubtful) await'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'what was under way when its page was left is sorted in behind what waited behind it',
    file: 'src/core/queue/committer.ts',
    replace: [
      'for (const group of told) group.at ??= pageEnd.now();',
      'for (const group of told) group.at ??= pageEnd.now() + 1;',
    ],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
  {
    name: 'one relaxed enqueue makes its tick relaxed',
    file: 'src/core/queue/accept-jobs.ts',
    replace: [
      "return jobs.every(({ durability }) => durability === 'relaxed')",
      "return jobs.some(({ durability }) => durability === 'relaxed')",
    ],
    caughtBy: ['test/unit/durability.test.ts'],
  },
  {
    name: 'a hidden page is answered by an id that no job has',
    file: 'src/core/kernel/unless-sorted.ts',
    replace: ['if (holder !== undefined) return', 'if (holder?.row.id === id) return'],
    caughtBy: ['test/unit/leaving-pages.test.ts'],
  },
];
