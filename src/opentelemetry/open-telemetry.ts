import type { Meter, Tracer } from '@opentelemetry/api';
import { metrics, trace } from '@opentelemetry/api';
import { InvalidOptionError, type Middleware } from '../core/index.ts';
import { checkKnown, hasMethods } from '../core/queue/options.ts';
import { Measures } from './measures.ts';
import { processing, sending } from './spans.ts';

export interface OpenTelemetryOptions {
  /** Default: the one named `holdfast` of the global provider. */
  readonly tracer?: Tracer;
  /** Default: the one named `holdfast` that the global provider has at the first job. */
  readonly meter?: Meter;
}

const NAME = 'holdfast';

/**
 * Traces and measures a queue: `createQueue({ use: [middleware([openTelemetry()])], … })`, wherever the queue is made. Each enqueued job has a span
 * `send <queue>` of kind PRODUCER, whose context goes with the job in its headers, written by the global propagator (by default none:
 * an SDK sets that of W3C: `traceparent`, `tracestate`, `baggage`). Each attempt has a span `process <queue>` of kind CONSUMER, a child of the first
 * and linked to it; while the handler runs it is the active span, as far as the platform's context manager reaches. A trace context that the
 * caller put into the headers stays, and is linked.
 *
 * Attributes and metrics are those of OpenTelemetry's semantic conventions for messaging, version 1.37 (in development there):
 * `messaging.system` is `holdfast`, `messaging.destination.name` the queue, `messaging.message.id` the job's id; its name, attempt and lane are
 * `messaging.holdfast.job.*`. Metrics are `messaging.client.sent.messages`, `messaging.client.operation.duration`,
 * `messaging.client.consumed.messages` and `messaging.process.duration`. What fails has the status ERROR, `error.type`, and the exception; a
 * job that was released, cancelled or lost has not failed. No payload and no header is recorded (an exception says what its thrower wrote).
 * Refuses no job: what does not fit into its headers is left out. Throws InvalidOptionError.
 */
export function openTelemetry(given: OpenTelemetryOptions = {}): Middleware {
  const options = checkKnown('openTelemetry options', given, ['tracer', 'meter']);
  const { tracer = trace.getTracer(NAME), meter } = options;
  if (!hasMethods(tracer, 'startSpan')) throw new InvalidOptionError('tracer', tracer, 'a Tracer');
  if (meter !== undefined && !hasMethods(meter, 'createHistogram', 'createCounter'))
    throw new InvalidOptionError('meter', meter, 'a Meter');
  let made: Measures | undefined;
  const measures = () => {
    made ??= new Measures(meter ?? metrics.getMeter(NAME));
    return made;
  };
  return {
    name: 'openTelemetry',
    enqueue: (call, next) => sending(tracer, measures(), call, next),
    run: (attempt, next) => processing(tracer, measures(), attempt, next),
  };
}
