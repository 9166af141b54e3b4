import { exchange, extend } from './lease-routes.ts';
import { enqueue } from './place-jobs.ts';
import {
  abandon,
  count,
  drain,
  explainOrGet,
  list,
  log,
  purge,
  room,
  stats,
  steerIds,
  sums,
} from './reading-routes.ts';
import {
  closeBatch,
  countBatch,
  fire,
  listSchedules,
  putBatch,
  putSchedules,
  removeSchedule,
} from './record-routes.ts';
import { retryNow } from './retry-route.ts';
import type { Route } from './route.ts';

const toAll: Route<unknown, void> = async (call, args) => {
  await call.all(args);
};

/** Where each operation goes when a queue is spread over several objects, and how their answers become one. */
export const ROUTES: Readonly<Record<string, Route<never, never>>> = {
  enqueue,
  ...{ get: explainOrGet, explain: explainOrGet, cancel: steerIds, redrive: steerIds, remove: steerIds },
  ...{ list, count, stats, log, retryNow, room, purge, abandon, prune: sums, drain },
  ...{ pause: toAll, resume: toAll, hold: toAll },
  ...{ putBatch, closeBatch, countBatch, putSchedules, removeSchedule, listSchedules, fire },
  ...{ exchange, extend },
} satisfies Record<string, unknown> as never;
