import type { Job } from '../../kernel/job.ts';
import type { Attempting, HandlerOf, Handling } from '../../queue/around.ts';
import type { Upcast } from '../../queue/upcast.ts';
import { parsePayload } from './check-payload.ts';

/** The handler behind what reads its payload: an older one is lifted, then the schema parses it. Without either, the handler. */
export function readingPayload<Context extends Attempting>(
  handler: HandlerOf<Context>,
  { definition: { payload: schema, upcast, version = 1 }, refuse }: Handling,
): HandlerOf<Context> {
  if (schema === undefined && upcast === undefined) return handler;
  return async (payload, context) => {
    const lifted = upcast === undefined ? payload : lift(upcast, context.job, version);
    if (schema === undefined) return handler(lifted, context);
    const parsed = await parsePayload(schema, lifted);
    // Whatever ended the attempt meanwhile: the handler must not begin.
    context.signal.throwIfAborted();
    if ('refused' in parsed) throw refuse(parsed.refused);
    return handler(parsed.payload, context);
  };
}

/** What a stored payload is in the shape of `version`. Throws what a step throws. */
function lift(upcast: Upcast, { payload, version: stored }: Job, version: number): unknown {
  let lifted = payload;
  for (let from = stored; from < version; from++) {
    lifted = upcast[from]?.(lifted);
    if (typeof (lifted as Partial<Promise<unknown>> | null | undefined)?.then === 'function')
      throw new TypeError(`upcast[${from}] answered a promise: it has to answer at once`);
  }
  return lifted;
}
