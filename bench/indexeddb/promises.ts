/** What a queue promises, as far as it explains what its figures cost. */
interface Promises {
  readonly queue: string;
  /** Of enqueue, and of what comes after. Relaxed: the system has it, the disk perhaps not yet. */
  readonly durability: string;
  readonly delivery: string;
  readonly tabs: string;
  /** How it was driven here. */
  readonly driven: string;
}

export const PROMISES: readonly Promises[] = [
  {
    queue: 'holdfast',
    durability: 'strict to enqueue, then relaxed',
    delivery: 'at least once: leases, fences, retries, dead letters',
    tabs: 'any number enqueue and work',
    driven: 'public API, defaults (4 handlers at a time)',
  },
  {
    queue: 'raw IndexedDB at its limit',
    durability: 'strict to enqueue, then relaxed',
    delivery: 'at least once: leases and fences, which it does not watch',
    tabs: 'any number enqueue and work',
    driven: '256 a claim; no ids to look up, names, priorities, delays, retries, lanes, limits',
  },
  {
    queue: 'idb queue by hand, Dexie queue by hand',
    durability: 'the default, relaxed in Chromium',
    delivery: 'at least once: a lease in the row, which nothing takes back here',
    tabs: 'any number enqueue and work',
    driven: '4 handlers at a time; a transaction to claim a job and one to delete it',
  },
  {
    queue: 'workbox-background-sync',
    durability: 'relaxed',
    delivery: 'deleted before it is sent: lost if the tab dies then',
    tabs: 'one replay at a time',
    driven: 'as its own replayRequests, in a page, without registering for Background Sync',
  },
  {
    queue: '@tanstack/offline-transactions',
    durability: 'the default, relaxed in Chromium',
    delivery: 'at least once in the leading tab',
    tabs: 'one leads, the others store nothing',
    driven: 'an insert a transaction, optimistic state off; all that waits is in memory too',
  },
];
