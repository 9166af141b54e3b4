import type { PayloadError } from '../kernel/errors.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import { parsePayload } from '../queue/schema.ts';
import { lift } from '../queue/upcast.ts';
import type { Handler } from './handler.ts';

/** A handler behind what reads its payload. */
export interface PayloadReader {
  readonly handler: Handler<unknown>;
  /** The schema refused the stored payload by this error, so the handler was not called. */
  readonly isRefusal: (thrown: unknown) => thrown is PayloadError;
}

/** The handler behind what reads its payload: an older one is lifted, then the schema parses it. Without either, the handler. */
export function readingPayload(definition: JobDefinition, handler: Handler<unknown>): PayloadReader {
  const { payload: schema, upcast, version = 1 } = definition;
  /** What the schema has refused: these errors are not a handler's. */
  const refusals = new WeakSet<object>();
  const isRefusal = (thrown: unknown): thrown is PayloadError =>
    typeof thrown === 'object' && thrown !== null && refusals.has(thrown);
  if (schema === undefined && upcast === undefined) return { handler, isRefusal };
  const read: Handler<unknown> = async (payload, context) => {
    const lifted = upcast === undefined ? payload : lift(upcast, context.job, version);
    if (schema === undefined) return handler(lifted, context);
    const parsed = await parsePayload(schema, lifted);
    // Whatever ended the attempt meanwhile: the handler must not begin.
    context.signal.throwIfAborted();
    if (!('refused' in parsed)) return handler(parsed.payload, context);
    refusals.add(parsed.refused);
    throw parsed.refused;
  };
  return { handler: read, isRefusal };
}
