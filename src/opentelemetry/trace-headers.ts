import { type Context, propagation, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { checkHeaders } from '../core/queue/job-facts.ts';

type Headers = Readonly<Record<string, string>>;

/** What the headers of a job say of its trace; on top of nothing, as whoever runs it stands in no relation to it. */
export function contextOf(headers: Headers = {}): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}

export function spanContextOf(headers: Headers | undefined): SpanContext | undefined {
  return trace.getSpanContext(contextOf(headers));
}

/** The headers with what the propagator has to say of `active`, as far as a job can hold it: baggage may be of any size. */
export function withTrace(headers: Headers | undefined, active: Context): Headers | undefined {
  const carrier: Record<string, unknown> = {};
  propagation.inject(active, carrier);
  let all = headers;
  for (const [name, value] of Object.entries(carrier))
    if (all === undefined || !Object.hasOwn(all, name)) all = fitting({ ...all, [name]: value }) ?? all;
  return all;
}

function fitting(headers: Readonly<Record<string, unknown>>): Headers | undefined {
  try {
    return checkHeaders('headers', headers);
  } catch {
    return undefined;
  }
}
