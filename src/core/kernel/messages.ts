/**
 * What travels over the seam between the runtime and a store: requests and answers, plain data only.
 * Instants are epoch ms, durations ms. A store validates nothing here but payloads: the runtime has.
 */
export type * from './enqueue-messages.ts';
export type * from './exchange-messages.ts';
export type * from './reading-messages.ts';
export type * from './steering-messages.ts';
