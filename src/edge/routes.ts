import { exchange, extend } from './lease-routes.ts';
import { enqueue } from './place-jobs.ts';
import {
  abandon,
  count,
  drain,
  explainOrGet,
  list,
  purge,
  room,
  stats,
  steerIds,
  workers,
} from './reading-routes.ts';
import { retryNow } from './retry-route.ts';
import type { Route } from './route.ts';

const toAll: Route<unknown, void> = async (call, args) => {
  await call.all(args);
};

/** Where each operation of the kernel goes when a queue is spread over several objects, and how their answers become one. */
export const ROUTES: Readonly<Record<string, Route<never, never>>> = {
  enqueue,
  ...{
    get: explainOrGet,
    explain: explainOrGet,
    cancel: steerIds,
    redrive: steerIds,
    remove: steerIds,
    edit: steerIds,
  },
  ...{ list, count, stats, workers, retryNow, room, purge, abandon, drain },
  ...{ pause: toAll, resume: toAll, hold: toAll },
  ...{ exchange, extend },
} satisfies Record<string, unknown> as never;
