import type { Attempting, HandlerOf } from '../../queue/around.ts';
import { steers } from '../../work/verdict.ts';
import type { Attempt } from './calls.ts';
import type { RunLayer } from './layers.ts';
import { through } from './through.ts';

/** The handler with the middleware around it. */
export function aroundRun<Context extends Attempting>(
  layers: readonly RunLayer[],
  handler: HandlerOf<Context>,
): HandlerOf<Context> {
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

const attemptOf = ({ job, attempt, signal }: Attempting): Attempt => ({
  queue: job.queue,
  job,
  attempt,
  signal,
});
