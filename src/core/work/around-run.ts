import { type Attempt, type RunLayer, through } from '../queue/middleware.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { steers } from './verdict.ts';

/** The handler with the middleware around it; without middleware, the handler. */
export function aroundRun(layers: readonly RunLayer[], handler: Handler<unknown>): Handler<unknown> {
  if (layers.length === 0) return handler;
  return (payload, context) =>
    through(
      {
        layers,
        core: async () => handler(payload, context),
        changed: (attempt) => attempt,
        steers,
        onLate: fail,
      },
      attemptOf(context),
    );
}

/** What a middleware throws when the handler is over is the attempt's failure. */
function fail(error: unknown): never {
  throw error;
}

const attemptOf = ({ job, attempt, signal }: HandlerContext): Attempt => ({
  queue: job.queue,
  job,
  attempt,
  signal,
});
